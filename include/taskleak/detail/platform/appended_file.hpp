// SPDX-License-Identifier: MIT
/// \file Appends to a file that others may append to at the same time.
#ifndef TASKLEAK_DETAIL_PLATFORM_APPENDED_FILE_HPP
#define TASKLEAK_DETAIL_PLATFORM_APPENDED_FILE_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/appended_file.hpp>
#else
#include <taskleak/detail/platform/portable/appended_file.hpp>
#endif

#endif
