// SPDX-License-Identifier: MIT
/// \file Opens a file that one process at a time reads and appends to.
#ifndef TASKLEAK_DETAIL_PLATFORM_LOCKED_FILE_HPP
#define TASKLEAK_DETAIL_PLATFORM_LOCKED_FILE_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/locked_file.hpp>
#else
#include <taskleak/detail/platform/portable/locked_file.hpp>
#endif

#endif
