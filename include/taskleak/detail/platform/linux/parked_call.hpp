// SPDX-License-Identifier: MIT
/// \file Where in the kernel a thread is parked: a line of /proc/PID/task/TID/syscall.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_PARKED_CALL_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_PARKED_CALL_HPP

#include <taskleak/detail/platform/linux/proc_file.hpp>

#include <cstdint>
#include <cstdio>
#include <cstring>

namespace taskleak::inline v0::detail {

/// The system call that a thread is in, with its arguments and the user's stack pointer and program counter: proc_pid_syscall(5).
struct parked_call {
  enum class kind : unsigned char { gone, unreadable, running, blocked };

  kind what = kind::gone;
  long number = -1;  ///< -1 when it is blocked outside a system call, in a page fault for instance
  std::uintptr_t arguments[6]{};
  std::uintptr_t sp = 0;
  std::uintptr_t pc = 0;

  bool operator==(const parked_call&) const = default;
};

inline parked_call read_parked_call(int tid) noexcept {
  parked_call call;
  const thread_file file(tid, "syscall");
  if (file.text().empty()) {
    // refused to a process that may not be traced, for instance after prctl(PR_SET_DUMPABLE, 0)
    if (read_thread_stat(tid)) call.what = parked_call::kind::unreadable;
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

}  // namespace taskleak::inline v0::detail

#endif
