// SPDX-License-Identifier: MIT
/// \file Runs code on a frozen copy of this process: its memory at one moment, one thread, and nobody who could change it.
///
/// The copy is a child by clone(2) without CLONE_VM: it has all memory, copied on write, and the thread that made it. It is the
/// place to walk stacks and heap at ease, and to say what a process that hangs, or is about to die, has to say: whatever the copy
/// runs into, a lock that nobody will release or a fault, its parent waits for a bounded time only.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_FROZEN_COPY_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_FROZEN_COPY_HPP

#include <taskleak/detail/base/digits.hpp>
#include <taskleak/detail/platform/linux/child_process.hpp>
#include <taskleak/detail/platform/linux/helper_process.hpp>
#include <taskleak/detail/platform/linux/small_file.hpp>
#include <taskleak/detail/platform/linux/system.hpp>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>

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

/// Says how long a copy may take, in nanoseconds.
struct copy_limits {
  std::int64_t longest;         ///< in all
  std::int64_t longest_asleep;  ///< in a row: a copy that sleeps waits for a lock that nobody holds any more
};

/// Whether the child waits for something, by field 3 of proc_pid_stat(5); false where that cannot be read.
inline bool is_asleep(int child) noexcept {
  char path[32] = "/proc/";
  path[6 + digits(static_cast<unsigned>(child)).view().copy(path + 6, 10)] = '\0';
  char text[512];
  if (read_small_file(std::strcat(path, "/stat"), text, sizeof text) <= 0) return false;
  const char* const after_name = std::strrchr(text, ')');
  return after_name && after_name[1] == ' ' && after_name[2] == 'S';
}

/// Waits until the child has ended, within the limits; then ends it.
inline copy_outcome wait_for_copy(int child, const copy_limits& limits) noexcept {
  const std::int64_t began = now_ns();
  std::int64_t last_awake = began;
  timespec pause{0, 50'000};
  for (;;) {
    int status = 0;
    const long ended = syscall(SYS_wait4, child, &status, __WALL | WNOHANG, nullptr);
    if (ended == child) {
      if (WIFEXITED(status)) return {copy_outcome::kind::done, WEXITSTATUS(status)};
      return {copy_outcome::kind::died, WTERMSIG(status)};
    }
    if (ended < 0 && errno != EINTR) return {copy_outcome::kind::died, 0};
    const std::int64_t now = now_ns();
    if (!is_asleep(child)) last_awake = now;
    if (now - began >= limits.longest || now - last_awake >= limits.longest_asleep) break;
    syscall(SYS_nanosleep, &pause, nullptr);
    if (pause.tv_nsec < 5'000'000) pause.tv_nsec *= 2;
  }
  syscall(SYS_kill, child, SIGKILL);
  while (syscall(SYS_wait4, child, nullptr, __WALL, nullptr) < 0 && errno == EINTR) {
  }
  return {copy_outcome::kind::late, 0};
}

/// Runs `work(argument)` on a frozen copy and returns its value, of which the lowest eight bits count. Does only what
/// signal-safety(7) allows; what `work` may do depends on what the process was doing: a lock that another thread holds stays held
/// in the copy, for ever.
///
/// In the copy all signals are blocked, and a fault ends it. Descriptors are shared with the parent. The parent's wait(2) does
/// not see the copy, since it ends without a signal.
inline copy_outcome on_frozen_copy(int (*work)(void*), void* argument, const copy_limits& limits) noexcept {
  const int process = current_pid(), thread = current_tid();
  if (has_debugger(process)) return {};
  const all_signals_blocked blocked;
  const long child = syscall(SYS_clone, 0L, nullptr, nullptr, nullptr, nullptr);
  if (child == 0) {
    end_with_parent(process);
    speak_for_copied_process(process, thread);
    syscall(SYS_exit_group, work(argument));
  }
  return child > 0 ? wait_for_copy(static_cast<int>(child), limits) : copy_outcome{};
}

/// Does the same with one limit.
inline copy_outcome on_frozen_copy(int (*work)(void*), void* argument, std::int64_t longest_ns) noexcept {
  return on_frozen_copy(work, argument, copy_limits{longest_ns, longest_ns});
}

}  // namespace taskleak::inline v0::detail

#endif
