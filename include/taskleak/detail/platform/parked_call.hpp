// SPDX-License-Identifier: MIT
/// \file Tells where in the kernel a thread is parked. Of the Linux back end only.
#ifndef TASKLEAK_DETAIL_PLATFORM_PARKED_CALL_HPP
#define TASKLEAK_DETAIL_PLATFORM_PARKED_CALL_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/parked_call.hpp>
#else
#error "the portable back end has no files of the kernel: include this on Linux only"
#endif

#endif
