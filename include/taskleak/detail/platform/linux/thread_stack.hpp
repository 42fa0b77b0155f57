// SPDX-License-Identifier: MIT
/// \file The stack of another thread, whatever it is doing, and the system call it is in.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_THREAD_STACK_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_THREAD_STACK_HPP

#include <taskleak/detail/inspect/unwind/unwinder.hpp>
#include <taskleak/detail/platform/linux/park_signal.hpp>
#include <taskleak/detail/platform/linux/parked_call.hpp>

#include <sched.h>

namespace taskleak::inline v0::detail {

struct thread_look {
  parked_call call;  ///< what == gone: the thread has ended
  raw_stack stack;
  const char* note = "";  ///< why the stack is missing or not complete
};

inline raw_stack unwind_parked(const parked_call& call) {
  stack_copy stack(call.sp);
  registers frame;
  frame.set(dwarf_register::rsp, call.sp);
  frame.set(dwarf_register::return_address, call.pc);
  return unwinder(stack).unwind(frame);
}

/// Looks without disturbing a thread that sits in a system call; one that keeps running is held for a moment.
inline thread_look look_at_thread(int tid) {
  thread_look look;
  // A thread that works and waits in turn is caught waiting within a few tries, which costs it nothing.
  for (int tries = 0; tries < 3; ++tries) {
    look.call = read_parked_call(tid);
    if (look.call.what == parked_call::kind::blocked) {
      look.stack = unwind_parked(look.call);
      if (read_parked_call(tid) == look.call) {
        if (!look.stack.complete) look.note = "the stack could be followed only so far";
        return look;
      }
    } else if (look.call.what == parked_call::kind::gone) {
      return look;
    }
    sched_yield();
  }
  if (auto held = copy_running_thread(tid)) {
    look.stack = unwinder(held->stack).unwind(held->frame);
    if (!look.stack.complete) look.note = "the stack could be followed only so far";
    if (look.call.what != parked_call::kind::unreadable) look.call.what = parked_call::kind::running;
  } else {
    look.stack = {};
    look.note = look.call.what == parked_call::kind::unreadable
                    ? "no stack: the kernel does not tell where this thread is parked, and it does not take signals"
                    : "no stack: the thread is running and does not take signals";
  }
  return look;
}

}  // namespace taskleak::inline v0::detail

#endif
