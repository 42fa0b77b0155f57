// SPDX-License-Identifier: MIT
/// \file Lists the system calls that go on after a handler of a signal. Of the Linux back end only.
#ifndef TASKLEAK_DETAIL_PLATFORM_RESTARTABLE_CALL_HPP
#define TASKLEAK_DETAIL_PLATFORM_RESTARTABLE_CALL_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/restartable_call.hpp>
#else
#error "the portable back end has no files of the kernel: include this on Linux only"
#endif

#endif
