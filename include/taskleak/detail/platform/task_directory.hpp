// SPDX-License-Identifier: MIT
/// \file Reads the kernel's list of the threads of this process. Of the Linux back end only.
#ifndef TASKLEAK_DETAIL_PLATFORM_TASK_DIRECTORY_HPP
#define TASKLEAK_DETAIL_PLATFORM_TASK_DIRECTORY_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/task_directory.hpp>
#else
#error "the portable back end has no files of the kernel: include this on Linux only"
#endif

#endif
