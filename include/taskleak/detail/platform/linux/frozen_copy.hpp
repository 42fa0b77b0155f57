// SPDX-License-Identifier: MIT
/// \file Runs code on a frozen copy of this process: its memory at one moment, one thread, and nobody who could change it.
///
/// The copy is a child by clone(2) without CLONE_VM: it has all memory, copied on write, and the thread that made it. It is the
/// place to walk stacks and heap at ease, and to say what a process that hangs, or is about to die, has to say: whatever the copy
/// runs into, a lock that nobody will release or a fault, its parent waits for a bounded time only.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_FROZEN_COPY_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_FROZEN_COPY_HPP

#include <taskleak/detail/platform/linux/child_process.hpp>
#include <taskleak/detail/platform/linux/default_action.hpp>
#include <taskleak/detail/platform/linux/helper_process.hpp>
#include <taskleak/detail/platform/linux/outside_look.hpp>
#include <taskleak/detail/platform/linux/system.hpp>
#include <taskleak/detail/platform/linux/task_directory.hpp>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>

#include <sys/wait.h>
#include <time.h>

namespace taskleak::inline v0::detail {

/// Says what became of a frozen copy.
struct copy_outcome {
  enum class kind : unsigned char {
    done,     ///< the work has returned: `status` is its value
    refused,  ///< there is no copy: a limit of processes or of memory, a filter of system calls, a debugger
    late,     ///< the time was over, or spent asleep, and the copy has been ended
    stale,    ///< the process had changed when the copy was made, so the copy has been ended
    asleep,   ///< it waited for a lock that was held when it was made, and has been ended
    died,     ///< a signal has ended the copy, as a fault does
  };
  kind how = kind::refused;
  int status = 0;  ///< of a copy that was refused the errno, 0 for a debugger; of one that died the signal

  bool is_done() const noexcept { return how == kind::done; }
};

/// Makes the registry, the kernel's lists and all look-ups answer for the copied process. Its threads still exist there, parked
/// or running on, and this memory is as it was.
inline void speak_for_copied_process(int process, int thread) noexcept {
  examined_process.store_relaxed(process);
  examined_thread.store_relaxed(thread);
  mark_of_process.load_acquire()->store_relaxed(true);  // the kernel has wiped it
}

/// Lets the copy use stdio, whatever other threads did with it when the copy was made: the child of fork(3) has its locks reset
/// by glibc in the same way.
inline void release_stdio_of_others() noexcept {
#if defined(__GLIBC__)
  struct lock {  // _IO_lock_t of glibc's sysdeps/nptl/stdio-lock.h, to which FILE points
    int word, depth;
    void* owner;
  };
  for (FILE* const file : {stdin, stdout, stderr})
    if (file && file->_lock) *reinterpret_cast<lock*>(file->_lock) = {};
#endif
}

/// Tells whether a copy sleeps for a futex, in several looks in a row: there is no thread in it that would wake it.
class wait_for_nobody {
 public:
  bool is_seen_again(int child) noexcept {
    const bool is_asleep = read_outside_wait(child, child).what == outside_wait::kind::asleep;
    const std::uint64_t runs = times_run(child, child);
    times_ = is_asleep && runs == runs_ ? times_ + 1 : 0;
    runs_ = runs;
    return times_ >= times_to_be_sure;
  }

 private:
  static constexpr int times_to_be_sure = 5;
  std::uint64_t runs_ = 0;
  int times_ = 0;
};

/// Waits until the child has ended, for no longer than this; then ends it. One that waits for a lock which was held when it was
/// made is ended sooner, and so is one that sleeps again and again, as for a lock that is no futex.
inline copy_outcome wait_for_copy(int child, std::int64_t longest_ns) noexcept {
  constexpr std::int64_t longest_sleep_ns = 2'000'000'000;
  const std::int64_t began = now_ns();
  const bool can_look = proc_is_of_our_namespace();  // in another one's /proc the child's number is another process's
  const auto has_slept_too_long = [&](std::int64_t passed) noexcept {
    if (!can_look || passed < longest_sleep_ns) return false;
    const std::int64_t runnable = time_runnable_ns(child, child);
    return runnable > 0 && passed - runnable >= longest_sleep_ns;
  };
  timespec pause{0, 50'000};
  copy_outcome outcome{copy_outcome::kind::late, 0};
  wait_for_nobody waits;
  for (;;) {
    int status = 0;
    const long ended = syscall(SYS_wait4, child, &status, __WALL | WNOHANG, nullptr);
    if (ended == child) {
      if (WIFEXITED(status)) return {copy_outcome::kind::done, WEXITSTATUS(status)};
      return {copy_outcome::kind::died, WTERMSIG(status)};
    }
    if (ended < 0 && errno != EINTR) return {copy_outcome::kind::died, 0};
    if (can_look && waits.is_seen_again(child)) outcome.how = copy_outcome::kind::asleep;
    const std::int64_t passed = now_ns() - began;
    if (passed >= longest_ns || outcome.how == copy_outcome::kind::asleep || has_slept_too_long(passed)) break;
    syscall(SYS_nanosleep, &pause, nullptr);
    if (pause.tv_nsec < 5'000'000) pause.tv_nsec *= 2;
  }
  end_child(child);
  return outcome;
}

/// Runs `work(argument)` on a frozen copy and returns its value, of which the lowest eight bits count. Does only what
/// signal-safety(7) allows; what `work` may do depends on what the process was doing: a lock that another thread holds stays held
/// in the copy, for ever.
///
/// In the copy all signals are blocked, and a fault ends it. Descriptors are shared with the parent. The parent's wait(2) does
/// not see the copy, since it ends without a signal. With `is_good(argument)` the parent tells, once the copy is made, whether
/// the copy is of any use.
inline copy_outcome on_frozen_copy(int (*work)(void*), void* argument, std::int64_t longest_ns,
                                   bool (*is_good)(void*) = nullptr) noexcept {
  const int process = current_pid(), thread = current_tid();
  if (has_debugger(process)) return {};
  const all_signals_blocked blocked;
  const long child = syscall(SYS_clone, 0L, nullptr, nullptr, nullptr, nullptr);
  if (child == 0) {
    end_with_parent(process);
    speak_for_copied_process(process, thread);
    take_default_action(SIGABRT);  // a handler of it would take the copy for the process, and end that
    release_stdio_of_others();
    syscall(SYS_exit_group, work(argument));
  }
  if (child < 0) return {copy_outcome::kind::refused, errno};
  if (is_good && !is_good(argument)) {
    end_child(static_cast<int>(child));
    return {copy_outcome::kind::stale, 0};
  }
  return wait_for_copy(static_cast<int>(child), longest_ns);
}

}  // namespace taskleak::inline v0::detail

#endif
