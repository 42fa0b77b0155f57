// SPDX-License-Identifier: MIT
/// \file Finds the stack of another thread, whatever it is doing, and the system call it is in.
#ifndef TASKLEAK_DETAIL_UNWIND_THREAD_STACK_HPP
#define TASKLEAK_DETAIL_UNWIND_THREAD_STACK_HPP

#include <taskleak/detail/platform/parked_call.hpp>
#include <taskleak/detail/unwind/function_start.hpp>
#include <taskleak/detail/unwind/interrupted_thread.hpp>
#include <taskleak/detail/unwind/stack_walker.hpp>

#if defined(TASKLEAK_HAS_OWN_WALKER)
#include <taskleak/detail/platform/restartable_call.hpp>
#include <taskleak/detail/unwind/park_signal.hpp>
#endif

#include <sched.h>

namespace taskleak::inline v0::detail {

struct thread_look {
  parked_call call;  ///< what == gone: the thread has ended
  raw_stack stack;
  const char* note = "";  ///< why the state or the stack is missing or not complete
};

/// Looks at the thread that has made this frozen copy.
inline thread_look look_at_interrupted(const interrupted_thread& thread) {
  thread_look look;
  look.call = thread.call;
  look.stack = thread.walk();
  if (!look.stack.complete) look.note = "the stack could be followed only so far";
  return look;
}

#if defined(TASKLEAK_HAS_OWN_WALKER)
/// Has a parked thread tell the one register that its stack is not found without: its innermost function has its return address
/// there alone. Only where the thread goes on with the same wait, see goes_on_after_signal(). Changes nothing where it does not
/// tell, or has moved on.
inline void ask_for_return_address(int tid, thread_file& file, thread_look& look) {
  if (dwarf_register::return_column == dwarf_register::return_address) return;  // it is on the stack
  if (is_frozen_copy() || look.stack.addresses.size() != 1 || !goes_on_after_signal(look.call)) return;
  const std::optional<held_thread> held = copy_running_thread(tid);
  if (!held || held->frame[dwarf_register::stack_pointer] != look.call.sp) return;
  registers frame = held->frame;
  frame.set(dwarf_register::return_address, look.call.pc);  // it is on the instruction that makes the call again
  stack_copy stack(look.call.sp);
  raw_stack found = walk_from_registers(stack, frame);
  constexpr std::int64_t time_to_go_on_ns = 200'000'000;
  for (const std::int64_t deadline = now_ns() + time_to_go_on_ns; now_ns() < deadline; sched_yield()) {
    file.read_again();
    const parked_call now = read_parked_call(tid, file);
    if (now.what == parked_call::kind::running) continue;
    if (now != look.call) return;
    look.stack = static_cast<raw_stack&&>(found);
    return;
  }
}
#endif

/// Looks without disturbing a thread that sits in a system call; one that keeps running is held for a moment, where `may_hold`,
/// and otherwise has no stack. One that cannot be read is left alone, since it may sit in a call that a signal would end.
inline thread_look look_at_thread(int tid, bool may_hold = true) {
  using kind = parked_call::kind;
  if (const interrupted_thread* const thread = interruption_of(tid)) return look_at_interrupted(*thread);
  thread_look look;
  // A thread that works and waits in turn is caught waiting within a few tries, which costs it nothing.
  thread_file file(tid, "syscall");
  int times_running = 0;
  for (int tries = 0; tries < 10 && times_running < 3; ++tries) {
    if (tries > 0) file.read_again();
    look.call = read_parked_call(tid, file);
    if (look.call.what == kind::blocked) {
      look.stack = walk_parked_stack(look.call.sp, look.call.pc);
      file.read_again();
      if (read_parked_call(tid, file) == look.call) {
#if defined(TASKLEAK_HAS_OWN_WALKER)
        if (!look.stack.complete && may_hold) ask_for_return_address(tid, file, look);
#endif
        if (!look.stack.complete) look.note = "the stack could be followed only so far";
        return look;
      }
      look.stack = {};
    } else if (look.call.what == kind::running) {
      ++times_running;
    } else {
      if (look.call.what == kind::unreadable) look.note = "state unknown: /proc cannot be read";
      if (look.call.what == kind::hidden) look.note = "state unknown: asleep, and the kernel does not tell in what call";
      return look;
    }
    sched_yield();
  }
  look.call.what = kind::running;
  if (!may_hold) return look;
  if (is_frozen_copy()) {
    look.note = "no stack: the thread is running";
    return look;
  }
#if defined(TASKLEAK_HAS_OWN_WALKER)
  if (auto held = copy_running_thread(tid)) {
    look.stack = walk_from_registers(held->stack, held->frame);
    if (!look.stack.complete) look.note = "the stack could be followed only so far";
  } else {
    look.note = "no stack: the thread is running and does not take signals";
  }
#else
  look.note = "no stack: the thread is running, and is not held on this CPU";
#endif
  return look;
}

}  // namespace taskleak::inline v0::detail

#endif
