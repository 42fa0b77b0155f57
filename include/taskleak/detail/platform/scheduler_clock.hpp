// SPDX-License-Identifier: MIT
/// \file Tells since when a thread has not run. Of the Linux back end only.
#ifndef TASKLEAK_DETAIL_PLATFORM_SCHEDULER_CLOCK_HPP
#define TASKLEAK_DETAIL_PLATFORM_SCHEDULER_CLOCK_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/scheduler_clock.hpp>
#else
#error "the portable back end has no files of the kernel: include this on Linux only"
#endif

#endif
