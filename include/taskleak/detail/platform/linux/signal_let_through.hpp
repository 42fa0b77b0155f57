// SPDX-License-Identifier: MIT
/// \file Lets a signal through to a thread of another process that has blocked all signals, and so would never take it.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_SIGNAL_LET_THROUGH_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_SIGNAL_LET_THROUGH_HPP

#include <taskleak/detail/platform/linux/system.hpp>

#include <cerrno>
#include <cstdint>

#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

namespace taskleak::inline v0::detail {

/// Is attached to a thread as a debugger is, while it lives. Nobody else sees that: the thread's process has no other state for
/// its parent, and a system call that the thread is in begins again, ptrace(2).
class attached_thread {
 public:
  explicit attached_thread(int tid) noexcept : tid_(tid) {
    if (call(PTRACE_SEIZE, nullptr, 0) != 0) return;
    if (call(PTRACE_INTERRUPT, nullptr, 0) == 0) wait_for_stop();
  }
  attached_thread(const attached_thread&) = delete;
  attached_thread& operator=(const attached_thread&) = delete;
  /// Lets the thread go; the kernel does that for one that has not stopped, when the calling process ends.
  ~attached_thread() {
    if (is_stopped_) call(PTRACE_DETACH, nullptr, static_cast<std::uintptr_t>(signal_to_hand_on_));
  }

  bool is_stopped() const noexcept { return is_stopped_; }

  long call(long request, void* address, std::uintptr_t data) const noexcept {
    return syscall(SYS_ptrace, request, static_cast<long>(tid_), address, data);
  }

 private:
  void wait_for_stop() noexcept {
    constexpr int most_tries = 200;
    constexpr int event_of_stop = 128;  // PTRACE_EVENT_STOP
    for (int i = 0; i < most_tries && !is_stopped_; ++i) {
      int status = 0;
      const long changed = syscall(SYS_wait4, static_cast<long>(tid_), &status, __WALL | WNOHANG, nullptr);
      if (changed < 0 && errno != EINTR) return;
      if (changed == tid_ && !WIFSTOPPED(status)) return;
      is_stopped_ = changed == tid_;
      if (is_stopped_ && status >> 16 != event_of_stop) signal_to_hand_on_ = WSTOPSIG(status);
      const timespec moment{0, 1'000'000};
      if (!is_stopped_) syscall(SYS_nanosleep, &moment, nullptr);
    }
  }

  int tid_;
  int signal_to_hand_on_ = 0;
  bool is_stopped_ = false;
};

/// Takes the signal out of those that the thread blocks: see PTRACE_SETSIGMASK in ptrace(2). Returns false where the system does
/// not let this process look at the other one.
inline bool let_signal_through(int tid, int number) noexcept {
  constexpr long get_mask = 0x420a, set_mask = 0x420b;  // of <linux/ptrace.h>, which glibc's header does not go with
  const attached_thread thread(tid);
  std::uint64_t mask = 0;
  void* const size = reinterpret_cast<void*>(sizeof mask);
  if (!thread.is_stopped() || thread.call(get_mask, size, reinterpret_cast<std::uintptr_t>(&mask)) != 0) return false;
  mask &= ~(std::uint64_t{1} << (number - 1));
  return thread.call(set_mask, size, reinterpret_cast<std::uintptr_t>(&mask)) == 0;
}

}  // namespace taskleak::inline v0::detail

#endif
