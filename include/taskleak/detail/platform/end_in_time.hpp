// SPDX-License-Identifier: MIT
/// \file Limits how long a dying process may be kept. Of the Linux back end only.
#ifndef TASKLEAK_DETAIL_PLATFORM_END_IN_TIME_HPP
#define TASKLEAK_DETAIL_PLATFORM_END_IN_TIME_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/end_in_time.hpp>
#else
#error "the portable back end has no timers of the kernel: include this on Linux only"
#endif

#endif
