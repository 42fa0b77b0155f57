// SPDX-License-Identifier: MIT
/// \file Writes a whole file at once.
#ifndef TASKLEAK_DETAIL_PLATFORM_WHOLE_FILE_HPP
#define TASKLEAK_DETAIL_PLATFORM_WHOLE_FILE_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/whole_file.hpp>
#else
#include <taskleak/detail/platform/portable/whole_file.hpp>
#endif

#endif
