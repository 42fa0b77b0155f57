// SPDX-License-Identifier: MIT
/// \file Reads a whole file that a user names, whatever it is: not for ever, and not until memory is full.
#ifndef TASKLEAK_DETAIL_PLATFORM_BOUNDED_FILE_HPP
#define TASKLEAK_DETAIL_PLATFORM_BOUNDED_FILE_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/bounded_file.hpp>
#else
#include <taskleak/detail/platform/portable/bounded_file.hpp>
#endif

#endif
