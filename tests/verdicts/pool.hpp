// SPDX-License-Identifier: MIT
/// \file A pool of threads as programs have them: it starts its workers at once, and its destructor stops and joins them.
#ifndef TASKLEAK_TESTS_VERDICTS_POOL_HPP
#define TASKLEAK_TESTS_VERDICTS_POOL_HPP

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace verdicts {

class pool {
 public:
  explicit pool(int workers) {
    for (int i = 0; i < workers; ++i) grow();
  }
  ~pool() {
    {
      const std::lock_guard lock(mutex_);
      stops_ = true;
    }
    changed_.notify_all();
    for (std::thread& t : workers_)
      if (t.joinable()) t.join();
  }
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;

  void grow() {
    workers_.emplace_back([this] { work(); });
  }
  void run(std::function<void()> job) {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    changed_.notify_one();
  }
  void let_go() {
    for (std::thread& t : workers_) t.detach();
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return stops_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      const std::function<void()> job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stops_ = false;
  std::deque<std::function<void()>> jobs_;
  std::vector<std::thread> workers_;
};

}  // namespace verdicts

#endif
