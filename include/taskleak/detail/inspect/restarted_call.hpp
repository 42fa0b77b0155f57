// SPDX-License-Identifier: MIT
/// \file Tells which system call a thread is in that the kernel has restarted.
#ifndef TASKLEAK_DETAIL_INSPECT_RESTARTED_CALL_HPP
#define TASKLEAK_DETAIL_INSPECT_RESTARTED_CALL_HPP

#include <taskleak/detail/symbols/symbolizer.hpp>
#include <taskleak/detail/unwind/thread_stack.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <cstddef>

#include <sys/syscall.h>

namespace taskleak::inline v0::detail {

/// Returns the number of the call that the thread has made. A timed wait goes on as restart_syscall(2) once the process has been
/// stopped, for instance by a debugger; the arguments are still those of the first call. The function on the stack tells which
/// call it was; if none does, it was futex(2), as in libstdc++'s timed waits.
inline long number_before_restart(const thread_look& look) {
  if (look.call.what != parked_call::kind::blocked || look.call.number != SYS_restart_syscall) return look.call.number;
  constexpr std::size_t near = 3;
  for (std::size_t i = 0; i < std::min(look.stack.addresses.size(), near); ++i)
    for (const frame& f : resolve(look.stack.addresses[i], i > 0)) {
      if (f.function.find("nanosleep") != f.function.npos) return SYS_clock_nanosleep;
#if defined(SYS_poll)
      if (f.function.find("poll") != f.function.npos) return SYS_poll;
#endif
    }
  return SYS_futex;
}

}  // namespace taskleak::inline v0::detail

#endif
