// SPDX-License-Identifier: MIT
/// \file Looks at the threads of another process by its files in /proc and by nothing else: no memory, no lock.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_OUTSIDE_LOOK_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_OUTSIDE_LOOK_HPP

#include <taskleak/detail/platform/linux/numbered_entries.hpp>
#include <taskleak/detail/platform/linux/proc_path.hpp>
#include <taskleak/detail/platform/linux/small_file.hpp>
#include <taskleak/detail/platform/linux/system.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>

namespace taskleak::inline v0::detail {

/// Is what anybody may read of a process: proc_pid_status(5).
struct outside_status {
  char state = '?';                   ///< of the main thread
  bool has_debugger = false;          ///< or strace(1)
  std::uint64_t caught_signals = 0;   ///< a bit for each signal that has a handler, the lowest one for signal 1
  std::uint64_t blocked_signals = 0;  ///< of the main thread, in the same way
  int filters = 0;                    ///< of system calls, seccomp(2), of the main thread; before Linux 5.9 one at the most

  bool is_stopped() const noexcept { return state == 'T' || state == 't'; }
  bool catches(int number) const noexcept { return (caught_signals >> (number - 1) & 1) != 0; }
  bool blocks(int number) const noexcept { return (blocked_signals >> (number - 1) & 1) != 0; }
};

/// Returns false where the process is gone, or /proc cannot be read.
inline bool read_outside_status(int pid, outside_status& status) noexcept {
  char text[4096];
  if (read_small_file(proc_path(pid, 0, "status").c_str(), text, sizeof text) <= 0) return false;
  const char* const state = std::strstr(text, "\nState:\t");  // the name before it has no newline: the kernel writes "\\n"
  const char* const tracer = std::strstr(text, "\nTracerPid:");
  const char* const blocked = std::strstr(text, "\nSigBlk:");
  const char* const caught = std::strstr(text, "\nSigCgt:");
  if (!state || !tracer || !blocked || !caught) return false;
  const char* const mode = std::strstr(caught, "\nSeccomp:");  // missing in a kernel that has no filters
  const char* const filters = std::strstr(caught, "\nSeccomp_filters:");
  status.state = state[8];
  status.has_debugger = std::atoi(tracer + 11) != 0;
  status.blocked_signals = std::strtoull(blocked + 8, nullptr, 16);
  status.caught_signals = std::strtoull(caught + 8, nullptr, 16);
  status.filters = filters ? std::atoi(filters + 17) : mode && std::atoi(mode + 9) != 0 ? 1 : 0;
  return true;
}

/// Whether a debugger, or strace(1), is attached to the process. A debugger takes a child by raw clone(2) for a thread and stops
/// in it.
inline bool has_debugger(int pid) noexcept {
  outside_status status;
  return read_outside_status(pid, status) && status.has_debugger;
}

/// Returns where the program's code begins, field 26 of proc_pid_stat(5): execve(2) changes it, with address space randomised.
/// Less than a page where that is not to be known.
inline std::uint64_t start_of_code(int pid) noexcept {
  char text[1024];
  if (read_small_file(proc_path(pid, 0, "stat").c_str(), text, sizeof text) <= 0) return 0;
  const char* at = std::strrchr(text, ')');  // after the name, which may hold anything
  for (int field = 2; at && field < 26; ++field) at = std::strchr(at + 1, ' ');
  return at ? std::strtoull(at, nullptr, 10) : 0;
}

/// Returns how often the scheduler has let the thread run, the last number of its schedstat; 0 where that cannot be read.
inline std::uint64_t times_run(int pid, int tid) noexcept {
  char text[128];
  if (read_small_file(proc_path(pid, tid, "schedstat").c_str(), text, sizeof text) <= 0) return 0;
  const char* const last = std::strrchr(text, ' ');
  return last ? std::strtoull(last + 1, nullptr, 10) : 0;
}

/// Returns for how long the thread has run, or waited for a CPU, in nanoseconds: the first two numbers of its schedstat. 0 where
/// that cannot be read.
inline std::int64_t time_runnable_ns(int pid, int tid) noexcept {
  char text[128];
  if (read_small_file(proc_path(pid, tid, "schedstat").c_str(), text, sizeof text) <= 0) return 0;
  char* at = text;
  const std::int64_t ran = std::strtoll(at, &at, 10);
  return ran + std::strtoll(at, nullptr, 10);
}

/// Says what a thread of another process does.
struct outside_wait {
  enum class kind : unsigned char {
    unreadable,
    gone,
    busy,      ///< it runs, or waits for what may come
    sleeping,  ///< it waits for a time to pass
    asleep,    ///< it waits for a futex, for ever
    parked,    ///< it is in any other call that may last for ever
    pausing,   ///< it waits for a signal that is handled, for ever
  };
  kind what = kind::unreadable;
  std::uintptr_t word = 0;  ///< of the futex
  std::uint32_t value = 0;  ///< of the futex: the id of the thread that a join waits for

  bool is_for_ever() const noexcept { return what == kind::asleep || what == kind::parked || what == kind::pausing; }
};

/// Tells by the arguments of a system call whether the call may last for ever.
inline outside_wait wait_of_call(long number, const std::uint64_t (&a)[6]) noexcept {
  using kind = outside_wait::kind;
  const auto until = [](bool for_ever) { return outside_wait{for_ever ? kind::parked : kind::busy}; };
  switch (number) {
    case SYS_futex: {
      const std::uint64_t operation = a[1] & static_cast<std::uint64_t>(FUTEX_CMD_MASK);
      const bool waits = operation == FUTEX_WAIT || operation == FUTEX_WAIT_BITSET || operation == FUTEX_LOCK_PI ||
                         operation == 13 /* FUTEX_LOCK_PI2 */ || operation == FUTEX_WAIT_REQUEUE_PI;
      return {waits && a[3] == 0 ? kind::asleep : kind::busy, a[0], static_cast<std::uint32_t>(a[2])};
    }
#if defined(SYS_pause)
    case SYS_pause: return {kind::pausing};
#endif
    case SYS_nanosleep:
    case SYS_clock_nanosleep: return {kind::sleeping};
    case SYS_rt_sigsuspend: return {kind::pausing};
    case SYS_read:
    case SYS_readv:
    case SYS_write:
    case SYS_writev:
    case SYS_recvfrom:
    case SYS_recvmsg:
    case SYS_sendto:
    case SYS_sendmsg:
    case SYS_accept:
    case SYS_accept4:
    case SYS_connect:
    case SYS_wait4:
    case SYS_waitid:
    case SYS_msgrcv:
    case SYS_semop:
    case SYS_flock: return {kind::parked};
#if defined(SYS_poll)
    case SYS_poll: return until(static_cast<int>(a[2]) < 0);
    case SYS_epoll_wait: return until(static_cast<int>(a[3]) < 0);
    case SYS_select: return until(a[4] == 0);
#endif
    case SYS_epoll_pwait: return until(static_cast<int>(a[3]) < 0);
    case SYS_ppoll:
#if !defined(SYS_pause)  // pause(3) is this call without descriptors and without a limit
      if (a[1] == 0 && a[2] == 0) return {kind::pausing};
#endif
      return until(a[2] == 0);
    case SYS_pselect6: return until(a[4] == 0);
    case SYS_rt_sigtimedwait: return until(a[2] == 0);
    case SYS_semtimedop: return until(a[3] == 0);
    case SYS_mq_timedreceive:
    case SYS_mq_timedsend: return until(a[4] == 0);
    default: return {kind::busy};
  }
}

inline outside_wait read_outside_wait(int pid, int tid) noexcept {
  using kind = outside_wait::kind;
  char text[256];
  const long got = read_small_file(proc_path(pid, tid, "syscall").c_str(), text, sizeof text);
  if (got < 0) return {errno == ENOENT || errno == ESRCH ? kind::gone : kind::unreadable};
  if (got == 0) return {kind::unreadable};
  if (text[0] < '0' || text[0] > '9') return {kind::busy};  // "running", or -1 in a page fault
  char* at = text;
  const long number = std::strtol(at, &at, 10);
  std::uint64_t arguments[6];
  for (std::uint64_t& a : arguments) a = std::strtoull(at, &at, 16);
  return wait_of_call(number, arguments);
}

/// Whether the thread runs, or waits for a CPU.
inline bool is_runnable(int pid, int tid) noexcept {
  char text[16];
  return read_small_file(proc_path(pid, tid, "syscall").c_str(), text, sizeof text) > 0 && text[0] == 'r';  // "running"
}

/// Calls `visit(tid)` for each thread of the process until it returns false; false where that happened, or they cannot be listed.
template <class Visit>
bool for_each_outside_thread(int pid, Visit&& visit) noexcept {
  const long directory = syscall(SYS_openat, AT_FDCWD, proc_path(pid, 0, "task").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return false;
  const bool all = for_each_numbered_entry(static_cast<int>(directory), visit);
  syscall(SYS_close, directory);
  return all;
}

/// Whether another child of the process than this one shares its memory, by clone(2) with CLONE_VM: it may wake a thread. True
/// also where there is another child, and the kernel does not tell.
inline bool has_child_in_same_memory(int pid, int but_for) noexcept {
  constexpr int kcmp_vm = 1;  // of <linux/kcmp.h>: whether two processes share their memory; 0 for yes
  return !for_each_outside_thread(pid, [&](int tid) {
    char children[4096];
    if (read_small_file(proc_path(pid, tid, "children").c_str(), children, sizeof children) <= 0) return true;
    char* at = children;
    while (const auto child = static_cast<int>(std::strtol(at, &at, 10)))
      if (child != but_for && syscall(SYS_kcmp, pid, child, kcmp_vm, 0L, 0L) <= 0) return false;
    return true;
  });
}

/// Collects the words that threads sleep on, and tells whether each lies in memory that no other process shares.
class slept_on_words {
 public:
  void clear() noexcept { count_ = 0; }
  /// Returns false when there are too many.
  bool add(std::uintptr_t word) noexcept {
    if (count_ == most) return false;
    words_[count_++] = word;
    return true;
  }

  /// Reads /proc/PID/maps: `start-end rwxp ...`, with an `s` where the mapping is shared.
  bool are_private(int pid) noexcept {
    const long file = syscall(SYS_openat, AT_FDCWD, proc_path(pid, 0, "maps").c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    std::sort(words_, words_ + count_);
    std::size_t known = 0;
    char text[4096];
    std::size_t have = 0;
    bool all_private = true;
    for (long got = 0; all_private && (got = syscall(SYS_read, file, text + have, sizeof text - 1 - have)) > 0;) {
      have += static_cast<std::size_t>(got);
      text[have] = '\0';
      char* line = text;
      for (char* end; all_private && (end = std::strchr(line, '\n')) != nullptr; line = end + 1) all_private = take(line, known);
      have -= static_cast<std::size_t>(line - text);
      std::memmove(text, line, have);
    }
    syscall(SYS_close, file);
    return all_private && known == count_;
  }

 private:
  static constexpr std::size_t most = 4096;

  /// Takes one mapping, of which the kernel lists them by address; false when a word lies in a shared one.
  bool take(const char* line, std::size_t& known) noexcept {
    char* at = nullptr;
    const std::uintptr_t from = std::strtoull(line, &at, 16);
    const std::uintptr_t to = std::strtoull(at + 1, &at, 16);
    const bool is_shared = at[4] == 's';
    while (known < count_ && words_[known] >= from && words_[known] < to) {
      if (is_shared) return false;
      ++known;
    }
    return true;
  }

  std::uintptr_t words_[most];
  std::size_t count_ = 0;
};

}  // namespace taskleak::inline v0::detail

#endif
