// SPDX-License-Identifier: MIT
/// \file Walks the calling thread's own stack, as return addresses.
///
/// Every thread that is created pays for one, so it is quick: for each return address seen before, how to get to the caller is
/// remembered in one word. What does not fit in that word, and every stack but the thread's own, is walked by the full rules,
/// with reads that cannot fault: the unwinder library would follow wrong call frame information into a crash.
#ifndef TASKLEAK_DETAIL_UNWIND_OWN_STACK_HPP
#define TASKLEAK_DETAIL_UNWIND_OWN_STACK_HPP

#include <taskleak/detail/unwind/arch/arch.hpp>

#include <cstddef>

#if defined(TASKLEAK_HAS_OWN_WALKER)
#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/registry/coroutine_transfers.hpp>
#include <taskleak/detail/unwind/function_start.hpp>
#include <taskleak/detail/unwind/own_memory.hpp>
#include <taskleak/detail/unwind/step_cache.hpp>
#include <taskleak/detail/unwind/step_to_caller.hpp>

#include <unwind.h>
#elif !defined(TASKLEAK_WITHOUT_BOOST) && __has_include(<boost/stacktrace/safe_dump_to.hpp>)
#define TASKLEAK_STACKS_BY_BOOST 1
#include <boost/stacktrace/safe_dump_to.hpp>
#endif

namespace taskleak::inline v0::detail {

#if defined(TASKLEAK_HAS_OWN_WALKER)

/// Captures as capture_own_stack() does, by the unwinder library alone.
[[gnu::noinline]] inline std::size_t capture_own_stack_by_library(const void** addresses, std::size_t capacity) noexcept {
  struct cursor {
    const void** out;
    std::size_t count;
    std::size_t capacity;
  } state{addresses, 0, capacity};
  _Unwind_Backtrace(
      [](_Unwind_Context* context, void* argument) {
        auto& c = *static_cast<cursor*>(argument);
        const auto pc = _Unwind_GetIP(context);
        if (pc == 0 || c.count == c.capacity) return _URC_END_OF_STACK;
        c.out[c.count++] = reinterpret_cast<const void*>(pc);
        return _URC_NO_REASON;
      },
      &state);
  return state.count;
}

/// Puts the place behind a return address if its function, whose frame ends there, has handed the thread on to another coroutine.
inline void add_transfer(coroutine_transfers::cursor& transfers, std::uintptr_t pc, std::uintptr_t frame_end,
                         const void** addresses, std::size_t capacity, std::size_t& count) noexcept {
  // a function without optimisation keeps its caller's frame pointer and the return address between the two
  const coroutine_transfer* const found = transfers.find(frame_end - 2 * sizeof(std::uintptr_t));
  if (!found || count == capacity || function_start(found->code) != function_start(pc - 1)) return;
  addresses[count++] = reinterpret_cast<const void*>(entry_of(*found));
}

/// Captures the same by remembered steps; returns 0 when one of them is not of the plain kind, or leads off the thread's own
/// stack.
///
/// Not instrumented: a saved register may lie where another thread wrote while the memory was something else.
__attribute__((noinline, no_sanitize("thread", "address"))) inline std::size_t capture_own_stack_by_steps(
    const void** addresses, std::size_t capacity) noexcept {
  auto [pc, sp, bp] = place_here();
  const std::uintptr_t high = this_task.stack_high;
  if (sp < this_task.stack_low || sp >= high) return 0;
  const std::uintptr_t generation = unloaded_modules();
  coroutine_transfers::cursor transfers(my_transfers);
  std::size_t count = 0;
  for (std::uintptr_t look_up = pc; count < capacity; look_up = pc - 1) {
    const frame_step step = the_steps.find(look_up, generation);
    if (step.is_unknown()) return 0;
    addresses[count++] = reinterpret_cast<const void*>(pc);
    if (step.is_bottom()) break;
    if (step.is_by_register()) return 0;
    const std::uintptr_t cfa = (step.cfa_is_from_frame_pointer() ? bp : sp) + step.cfa_offset();
    if (cfa <= sp || cfa > high || cfa % sizeof(void*) != 0) return 0;
    add_transfer(transfers, pc, cfa, addresses, capacity, count);
    const auto* const frame_end = reinterpret_cast<const std::uintptr_t*>(cfa);
    const auto has_slot = [&](std::ptrdiff_t slot) { return cfa - sp >= static_cast<std::uintptr_t>(-slot) * sizeof(void*); };
    if (!has_slot(step.return_slot())) return 0;
    if (step.saves_frame_pointer()) {
      if (!has_slot(step.frame_pointer_slot())) return 0;
      bp = frame_end[step.frame_pointer_slot()];
    }
    pc = without_signature(frame_end[step.return_slot()]);
    sp = cfa;
    if (pc == 0) break;
  }
  return count;
}

/// Captures the same with every rule of the call frame information, from all registers that a function keeps for its caller. It
/// ends where that information is missing or leads nowhere.
[[gnu::noinline]] inline std::size_t capture_own_stack_by_rules(const void** addresses, std::size_t capacity) noexcept {
  registers frame = kept_registers_here();
  own_memory memory(frame[dwarf_register::stack_pointer]);
  bool interrupted = true;
  coroutine_transfers::cursor transfers(my_transfers);
  std::size_t count = 0;
  while (count < capacity) {
    const std::uintptr_t pc = frame[dwarf_register::return_address];
    addresses[count++] = reinterpret_cast<const void*>(pc);
    frame_rules rules;
    if (step_to_caller(memory, frame, interrupted, rules) != step_outcome::stepped) break;
    add_transfer(transfers, pc, frame[dwarf_register::stack_pointer], addresses, capacity, count);
  }
  return count;
}

#endif

/// Writes up to `capacity` return addresses, innermost first, and returns how many; frames of taskleak itself are among them. An
/// address may be followed by a place, see transfer_mark.
/// None where there is neither an own walker nor Boost.Stacktrace.
[[gnu::noinline]] inline std::size_t capture_own_stack(const void** addresses, std::size_t capacity) noexcept {
#if defined(TASKLEAK_HAS_OWN_WALKER)
  if (this_task.stack_high == 0) keep_main_stack_bounds();
  if (const std::size_t count = capture_own_stack_by_steps(addresses, capacity)) return count;
  return capture_own_stack_by_rules(addresses, capacity);
#elif defined(TASKLEAK_STACKS_BY_BOOST)
  // Boost ends what it writes with a null address, in the last place at the latest
  constexpr std::size_t own = 1;  // the frame of this function, which Boost's are inlined into
  boost::stacktrace::safe_dump_to(own, addresses, capacity * sizeof *addresses);
  std::size_t count = 0;
  while (count < capacity && addresses[count]) ++count;
  return count;
#else
  static_cast<void>(addresses);
  static_cast<void>(capacity);
  return 0;
#endif
}

}  // namespace taskleak::inline v0::detail

#endif
