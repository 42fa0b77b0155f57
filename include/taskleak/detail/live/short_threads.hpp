// SPDX-License-Identifier: MIT
/// \file Serves each client of a cpp-httplib server on a thread of its own, so that slow ones keep nobody else waiting.
#ifndef TASKLEAK_DETAIL_LIVE_SHORT_THREADS_HPP
#define TASKLEAK_DETAIL_LIVE_SHORT_THREADS_HPP

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>

#include <httplib.h>

namespace taskleak::inline v0::detail {

/// Makes a thread for each job, up to a number; further jobs wait for one of these. A thread that finds no job ends: a server
/// that nobody asks has none. The threads are taskleak's own, since the thread of the server, which makes them, is.
class short_threads final : public httplib::TaskQueue {
  // bool in later versions of the library
  using enqueued = decltype(std::declval<httplib::TaskQueue&>().enqueue(std::function<void()>()));

 public:
  explicit short_threads(std::size_t most) noexcept : most_(most) {}
  short_threads(const short_threads&) = delete;
  short_threads& operator=(const short_threads&) = delete;
  ~short_threads() override { shutdown(); }

  enqueued enqueue(std::function<void()> job) override {
    bool needs_thread = false;
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
      needs_thread = threads_ < most_;
      if (needs_thread) ++threads_;
    }
    if (needs_thread) start();
    return enqueued(!std::is_void_v<enqueued>);
  }

  void shutdown() override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return threads_ == 0; });
  }

 private:
  void start() {
    try {
      std::thread([this] { work(); }).detach();
    } catch (const std::system_error&) {  // no more threads: the job is for one of the others, or for this one
      work();
    }
  }

  void work() {
    std::unique_lock lock(mutex_);
    while (!jobs_.empty()) {
      std::function<void()> job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
      job = nullptr;
      lock.lock();
    }
    --threads_;
    changed_.notify_all();  // with the lock held: shutdown() may destroy this object
  }

  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  std::size_t threads_ = 0;
};

}  // namespace taskleak::inline v0::detail

#endif
