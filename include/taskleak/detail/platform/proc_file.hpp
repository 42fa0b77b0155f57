// SPDX-License-Identifier: MIT
/// \file Reads the kernel's small files about one thread. Of the Linux back end only.
#ifndef TASKLEAK_DETAIL_PLATFORM_PROC_FILE_HPP
#define TASKLEAK_DETAIL_PLATFORM_PROC_FILE_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/proc_file.hpp>
#else
#error "the portable back end has no files of the kernel: include this on Linux only"
#endif

#endif
