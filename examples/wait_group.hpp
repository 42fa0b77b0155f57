// SPDX-License-Identifier: MIT
/// \file A count of jobs that are still open, and a wait for the last of them.
#ifndef EXAMPLES_WAIT_GROUP_HPP
#define EXAMPLES_WAIT_GROUP_HPP

#include <condition_variable>
#include <cstddef>
#include <mutex>

class wait_group {
 public:
  void add(std::size_t jobs) {
    const std::lock_guard lock(mutex_);
    open_ += jobs;
  }

  void done() {
    const std::lock_guard lock(mutex_);
    if (--open_ == 0) none_open_.notify_all();
  }

  /// Waits until every job that was added is done.
  void wait() {
    std::unique_lock lock(mutex_);
    none_open_.wait(lock, [this] { return open_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_open_;
  std::size_t open_ = 0;
};

#endif
