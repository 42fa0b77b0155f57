// SPDX-License-Identifier: MIT
/// \file Holds all threads that run, for the moment it takes to copy the process.
#ifndef TASKLEAK_DETAIL_UNWIND_HELD_THREADS_HPP
#define TASKLEAK_DETAIL_UNWIND_HELD_THREADS_HPP

#include <taskleak/detail/platform/parked_call.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/unwind/hold_request.hpp>
#include <taskleak/detail/unwind/park_signal.hpp>

#include <algorithm>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Holds threads from hold() until let_go(), or until its own end. Any of them may have the allocator's lock, or the loader's:
/// between the two only system calls are made.
class held_threads {
 public:
  held_threads() = default;
  held_threads(const held_threads&) = delete;
  held_threads& operator=(const held_threads&) = delete;
  ~held_threads() { let_go(); }

  /// Sends the signal to one more thread. Returns false when the thread does not take it.
  bool hold(int tid) noexcept {
    const int signal = park_signal();
    if (signal == 0 || !takes_signal(tid, signal)) return false;
    if (number_ == 0) open();
    return ++asked_ <= hold_request::most && send_park_signal(tid, signal, number_, hold_signal_mark);
  }

  /// Waits until the thread sleeps in the handler, for 200 ms at most in all. Returns where its registers are; null where it does
  /// not.
  const held_place* wait_for(int tid) noexcept {
    const std::uint64_t wanted = number_ << 32 | static_cast<std::uint64_t>(tid);
    for (; now_ns() < deadline_ns_; sched_yield())
      for (const held_place& p : the_hold_request.places)
        if (plain_load(&p.request_and_tid) == wanted && read_parked_call(tid).what == parked_call::kind::blocked) return &p;
    return nullptr;
  }

  void let_go() noexcept {
    if (number_ == 0) return;
    plain_store(&the_hold_request.claims, 0);
    plain_store(&the_hold_request.open, 0);
    syscall(SYS_futex, &the_hold_request.open, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
    number_ = 0;
    one_request_at_a_time.unlock();
  }

 private:
  void open() noexcept {
    one_request_at_a_time.lock();
    the_hold_request.number = the_hold_request.number % 0x7fffffff + 1;
    number_ = the_hold_request.number;
    constexpr std::int64_t time_to_answer_ns = 200'000'000;
    deadline_ns_ = now_ns() + time_to_answer_ns;
    plain_store(&the_hold_request.open, number_);
    plain_store(&the_hold_request.claims, number_ << 32);
  }

  std::uint64_t number_ = 0;  ///< 0: nobody is held
  std::size_t asked_ = 0;
  std::int64_t deadline_ns_ = 0;
};

}  // namespace taskleak::inline v0::detail

#endif
