// SPDX-License-Identifier: MIT
/// \file Tells where in the kernel a thread is parked, by a line of /proc/PID/task/TID/syscall.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_PARKED_CALL_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_PARKED_CALL_HPP

#include <taskleak/detail/platform/linux/proc_file.hpp>

#include <cstdint>
#include <cstdio>
#include <cstring>

namespace taskleak::inline v0::detail {

/// Holds the system call that a thread is in, with its arguments and the user's stack pointer and program counter:
/// proc_pid_syscall(5).
struct parked_call {
  enum class kind : unsigned char {
    gone,
    unreadable,  ///< it is alive, and the kernel does not say what it does
    hidden,      ///< it sleeps, and the kernel does not say where: the process may not be traced, prctl(PR_SET_DUMPABLE, 0)
    running,
    blocked,
  };

  kind what = kind::gone;
  long number = -1;  ///< -1 when it is blocked outside a system call, in a page fault for instance
  std::uintptr_t arguments[6]{};
  std::uintptr_t sp = 0;
  std::uintptr_t pc = 0;

  bool operator==(const parked_call&) const = default;
  bool cannot_be_read() const noexcept { return what == kind::unreadable || what == kind::hidden; }
};

/// Returns what the state of proc_pid_stat(5) tells where the system call is not told.
inline parked_call::kind kind_of_state(char state) noexcept {
  if (state == 'R') return parked_call::kind::running;
  return state == 'Z' || state == 'X' ? parked_call::kind::gone : parked_call::kind::hidden;
}

/// Returns the call by the thread's file "syscall".
inline parked_call read_parked_call(int tid, const thread_file& file) noexcept {
  parked_call call;
  if (file.text().empty()) {
    if (const auto stat = read_thread_stat(tid))
      call.what = kind_of_state(stat->state);
    else if (is_alive(tid, file))
      call.what = parked_call::kind::unreadable;
    return call;
  }
  if (file.text().starts_with("running")) {
    call.what = parked_call::kind::running;
    return call;
  }
  unsigned long a[6]{}, sp = 0, pc = 0;
  if (std::sscanf(file.c_str(), "-1 %lx %lx", &sp, &pc) != 2 &&
      std::sscanf(file.c_str(), "%ld %lx %lx %lx %lx %lx %lx %lx %lx", &call.number, &a[0], &a[1], &a[2], &a[3], &a[4], &a[5],
                  &sp, &pc) != 9) {
    call.what = parked_call::kind::unreadable;
    return call;
  }
  for (int i = 0; i < 6; ++i) call.arguments[i] = a[i];
  call.sp = sp;
  call.pc = pc;
  call.what = sp == 0 ? parked_call::kind::gone : parked_call::kind::blocked;
  return call;
}

inline parked_call read_parked_call(int tid) noexcept { return read_parked_call(tid, thread_file(tid, "syscall")); }

}  // namespace taskleak::inline v0::detail

#endif
