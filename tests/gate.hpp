// SPDX-License-Identifier: MIT
/// \file A gate that threads wait at until somebody opens it.
#ifndef TASKLEAK_TESTS_GATE_HPP
#define TASKLEAK_TESTS_GATE_HPP

#include <condition_variable>
#include <mutex>

namespace tests {

class gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
  }
  const std::condition_variable* condition() const { return &changed_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

/// A gate that outlives every thread that waits at it.
inline gate& eternal_gate() { return *new gate; }

}  // namespace tests

#endif
