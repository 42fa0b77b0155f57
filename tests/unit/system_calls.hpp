// SPDX-License-Identifier: MIT
/// \file Names the system calls that libc makes for functions whose own call newer architectures lack.
#ifndef TASKLEAK_TESTS_UNIT_SYSTEM_CALLS_HPP
#define TASKLEAK_TESTS_UNIT_SYSTEM_CALLS_HPP

#include <sys/syscall.h>

namespace unit {

#if defined(SYS_poll)
inline constexpr long call_of_poll = SYS_poll;
inline constexpr long call_of_epoll_wait = SYS_epoll_wait;
inline constexpr long call_of_pause = SYS_pause;
inline constexpr long call_of_vfork = SYS_vfork;
#else
inline constexpr long call_of_poll = SYS_ppoll;
inline constexpr long call_of_epoll_wait = SYS_epoll_pwait;
inline constexpr long call_of_pause = SYS_ppoll;
inline constexpr long call_of_vfork = SYS_clone;
#endif

}  // namespace unit

#endif
