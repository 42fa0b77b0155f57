// SPDX-License-Identifier: MIT
/// \file Runs code on a frozen copy of this process: its memory at one moment, one thread, and nobody who could change it.
///
/// The copy is a child by clone(2) without CLONE_VM: it has all memory, copied on write, and the thread that made it. It is the
/// place to walk stacks and heap at ease, and to say what a process that hangs, or is about to die, has to say: whatever the copy
/// runs into, a lock that nobody will release or a fault, its parent waits for a bounded time only.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_FROZEN_COPY_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_FROZEN_COPY_HPP

#include <taskleak/detail/platform/linux/child_process.hpp>
#include <taskleak/detail/platform/linux/helper_process.hpp>
#include <taskleak/detail/platform/linux/system.hpp>

#include <cerrno>
#include <csignal>
#include <cstdint>

#include <sys/wait.h>
#include <time.h>

namespace taskleak::inline v0::detail {

/// Says what became of a frozen copy.
struct copy_outcome {
  enum class kind : unsigned char {
    done,     ///< the work has returned: `status` is its value
    refused,  ///< there is no copy: a limit of processes or of memory, a filter of system calls, a debugger
    late,     ///< the time was over, and the copy has been ended
    died,     ///< a signal has ended the copy, as a fault does
  };
  kind how = kind::refused;
  int status = 0;

  bool is_done() const noexcept { return how == kind::done; }
};

/// Makes the registry, the kernel's lists and all look-ups answer for the copied process. Its threads still exist there, parked
/// or running on, and this memory is as it was.
inline void speak_for_copied_process(int process, int thread) noexcept {
  examined_process.store_relaxed(process);
  examined_thread.store_relaxed(thread);
  mark_of_process.load_acquire()->store_relaxed(true);  // the kernel has wiped it
}

/// Waits until the child has ended, for no longer than this; then ends it.
inline copy_outcome wait_for_copy(int child, std::int64_t longest_ns) noexcept {
  const std::int64_t deadline = now_ns() + longest_ns;
  timespec pause{0, 50'000};
  copy_outcome outcome{copy_outcome::kind::late, 0};
  for (;;) {
    int status = 0;
    const long ended = syscall(SYS_wait4, child, &status, __WALL | WNOHANG, nullptr);
    if (ended == child) {
      if (WIFEXITED(status)) return {copy_outcome::kind::done, WEXITSTATUS(status)};
      return {copy_outcome::kind::died, WTERMSIG(status)};
    }
    if (ended < 0 && errno != EINTR) return {copy_outcome::kind::died, 0};
    if (now_ns() >= deadline) break;
    syscall(SYS_nanosleep, &pause, nullptr);
    if (pause.tv_nsec < 5'000'000) pause.tv_nsec *= 2;
  }
  syscall(SYS_kill, child, SIGKILL);
  while (syscall(SYS_wait4, child, nullptr, __WALL, nullptr) < 0 && errno == EINTR) {
  }
  return outcome;
}

/// Runs `work(argument)` on a frozen copy and returns its value, of which the lowest eight bits count. Does only what
/// signal-safety(7) allows; what `work` may do depends on what the process was doing: a lock that another thread holds stays held
/// in the copy, for ever.
///
/// In the copy all signals are blocked, and a fault ends it. Descriptors are shared with the parent. The parent's wait(2) does
/// not see the copy, since it ends without a signal.
inline copy_outcome on_frozen_copy(int (*work)(void*), void* argument, std::int64_t longest_ns) noexcept {
  const int process = current_pid(), thread = current_tid();
  if (has_debugger(process)) return {};
  const all_signals_blocked blocked;
  const long child = syscall(SYS_clone, 0L, nullptr, nullptr, nullptr, nullptr);
  if (child == 0) {
    end_with_parent(process);
    speak_for_copied_process(process, thread);
    syscall(SYS_exit_group, work(argument));
  }
  return child > 0 ? wait_for_copy(static_cast<int>(child), longest_ns) : copy_outcome{};
}

}  // namespace taskleak::inline v0::detail

#endif
