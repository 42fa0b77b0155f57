// SPDX-License-Identifier: MIT
/// \file Tells how much stack a dying thread has left: a handler of the program may run on an alternative stack of 8 KiB.
#ifndef TASKLEAK_DETAIL_RUN_STACK_ROOM_HPP
#define TASKLEAK_DETAIL_RUN_STACK_ROOM_HPP

#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/registry/current.hpp>

#include <csignal>
#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// Is the stack that a list of threads in a signal handler takes, in bytes.
#if defined(TASKLEAK_TSAN) || defined(__SANITIZE_ADDRESS__)
inline constexpr std::size_t stack_of_signal_safe_list = std::size_t{32} * 1024;
#else
inline constexpr std::size_t stack_of_signal_safe_list = std::size_t{7} * 1024;
#endif

/// Whether the calling thread has enough stack for a list. Returns true where nothing tells, as on the stack of a fiber. Fit for
/// a signal handler: makes one system call, and takes next to no stack.
[[gnu::noinline]] inline bool has_stack_for_list() noexcept {
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  stack_t alternative{};
  std::uintptr_t low = this_task.stack_low;
  if (syscall(SYS_sigaltstack, nullptr, &alternative) == 0 && (alternative.ss_flags & SS_ONSTACK))
    low = reinterpret_cast<std::uintptr_t>(alternative.ss_sp);
  else if (here < low || here >= this_task.stack_high)
    return true;
  return here - low >= stack_of_signal_safe_list;
}

}  // namespace taskleak::inline v0::detail

#endif
