// SPDX-License-Identifier: MIT
/// \file Tells what the thread was doing that has made a frozen copy in a signal handler.
#ifndef TASKLEAK_DETAIL_UNWIND_INTERRUPTED_THREAD_HPP
#define TASKLEAK_DETAIL_UNWIND_INTERRUPTED_THREAD_HPP

#include <taskleak/detail/platform/parked_call.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/unwind/arch/arch.hpp>
#include <taskleak/detail/unwind/stack_walker.hpp>

#include <cstdint>

namespace taskleak::inline v0::detail {

#if defined(TASKLEAK_HAS_OWN_WALKER)

/// Holds what a signal has interrupted. The kernel says of the thread only that it waits for its copy.
struct interrupted_thread {
  parked_call call;
  registers frame;
  std::int64_t parked_ns = 0;  ///< for how long at least the thread was in that call

  interrupted_thread() noexcept = default;
  explicit interrupted_thread(const signal_registers& values) noexcept
      : call(interrupted_call(values)), frame(interrupted_registers(values)) {}

  raw_stack walk() const {
    stack_copy stack(frame[dwarf_register::stack_pointer]);
    return walk_from_registers(stack, frame);
  }
};

#else

struct interrupted_thread {
  parked_call call;
  std::int64_t parked_ns = 0;

  raw_stack walk() const { return {}; }
};

#endif

/// Points to it in a frozen copy that was made in a signal handler; null anywhere else.
inline constinit const interrupted_thread* the_interrupted_thread = nullptr;

/// Returns what the thread was interrupted in; null for any other thread.
inline const interrupted_thread* interruption_of(int tid) noexcept {
  return is_frozen_copy() && tid == current_tid() ? the_interrupted_thread : nullptr;
}

}  // namespace taskleak::inline v0::detail

#endif
