// SPDX-License-Identifier: MIT
#include "parts.hpp"

MATRIX_NOINLINE void shared_part::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return finished_; });  // the shared library's wait
}

void shared_part::start() {
  thread_ = std::thread([this] { wait(); });  // the shared library's start
}

void shared_part::finish() {
  {
    const std::lock_guard lock(mutex_);
    finished_ = true;
  }
  changed_.notify_one();
  thread_.join();
}
