// SPDX-License-Identifier: MIT
/// \file Defines a lock for a handful of instructions: nothing that can block, allocate or call out runs under the lock.
#ifndef TASKLEAK_DETAIL_BASE_SPINLOCK_HPP
#define TASKLEAK_DETAIL_BASE_SPINLOCK_HPP

#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/base/unseen_by_tsan.hpp>

#include <sched.h>

namespace taskleak::inline v0::detail {

/// Locks by spinning. Constant-initialised and trivially destructible, so usable before and after main().
class spinlock {
 public:
  constexpr spinlock() noexcept = default;

  void lock() noexcept {
    for (unsigned tries = 0; held_.exchange(true); ++tries)
      if (tries >= 32) sched_yield();  // the holder may have been preempted
  }
  /// Gives up after some tries, for a signal handler that may have interrupted the holder. Returns whether the lock was taken.
  bool try_lock() noexcept {
    for (unsigned tries = 0; tries < 1000; ++tries) {
      if (!held_.exchange(true)) return true;
      sched_yield();
    }
    return false;
  }
  void unlock() noexcept { held_.store_release(false); }

 private:
  light_atomic<bool> held_{false};
};

class spin_guard {
 public:
  explicit spin_guard(spinlock& lock) noexcept : lock_(lock) { lock_.lock(); }
  ~spin_guard() { lock_.unlock(); }
  spin_guard(const spin_guard&) = delete;
  spin_guard& operator=(const spin_guard&) = delete;

 private:
  unseen_by_tsan unseen_;  ///< hides what runs under the lock, too
  spinlock& lock_;
};

}  // namespace taskleak::inline v0::detail

#endif
