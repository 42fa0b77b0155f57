// SPDX-License-Identifier: MIT
/// \file Limits how long a dying process may be kept.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_END_IN_TIME_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_END_IN_TIME_HPP

#include <taskleak/detail/platform/linux/system.hpp>

#include <csignal>
#include <cstdint>

#include <time.h>

namespace taskleak::inline v0::detail {

/// Sends the calling thread SIGABRT when the object lives for longer than some seconds. For a process that is about to end by
/// SIGABRT and is described first: the description takes locks (the allocator's, the loader's), which a thread may hold for ever.
///
/// By a timer of the kernel, which needs no memory and no thread (timer_create(3) may allocate), and is not inherited by a child.
class end_in_time {
 public:
  explicit end_in_time(int seconds) noexcept {
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGABRT;
    event.sigev_value.sival_ptr = mark();
    event._sigev_un._tid = current_tid();  // glibc 2.36 has no name for it
    if (syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer_) != 0) return;
    itimerspec limit{};
    limit.it_value.tv_sec = seconds;
    syscall(SYS_timer_settime, timer_, 0, &limit, nullptr);
    // a handler of the signal has it blocked
    const std::uint64_t abort_signal = std::uint64_t{1} << (SIGABRT - 1);
    syscall(SYS_rt_sigprocmask, SIG_UNBLOCK, &abort_signal, &mask_before_, sizeof mask_before_);
    armed_ = true;
  }
  ~end_in_time() {
    if (!armed_) return;
    syscall(SYS_timer_delete, timer_);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask_before_, nullptr, sizeof mask_before_);
  }
  end_in_time(const end_in_time&) = delete;
  end_in_time& operator=(const end_in_time&) = delete;

  /// Whether this signal says that the time is over.
  static bool is_over(const siginfo_t& came) noexcept { return came.si_code == SI_TIMER && came.si_value.sival_ptr == mark(); }

 private:
  /// Marks the signals of our timer, which the program's timers do not have.
  static void* mark() noexcept {
    static constinit char place = 0;
    return &place;
  }

  int timer_ = 0;  // the kernel's timer_t
  bool armed_ = false;
  std::uint64_t mask_before_ = 0;
};

}  // namespace taskleak::inline v0::detail

#endif
