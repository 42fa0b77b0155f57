// SPDX-License-Identifier: MIT
/// \file Threads that are parked for as long as the object lives.
#ifndef TASKLEAK_TESTS_BENCHMARK_PARKED_THREADS_HPP
#define TASKLEAK_TESTS_BENCHMARK_PARKED_THREADS_HPP

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

#include <pthread.h>

class parked_threads {
 public:
  /// Returns when all of them wait; has fewer than `wanted` where the system allows no more.
  explicit parked_threads(std::size_t wanted) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, std::size_t{64} * 1024);
    handles_.reserve(wanted);
    for (pthread_t handle{}; handles_.size() < wanted; handles_.push_back(handle))
      if (pthread_create(&handle, &attributes, &park, this) != 0) break;
    pthread_attr_destroy(&attributes);
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return waiting_ == handles_.size(); });
  }
  parked_threads(const parked_threads&) = delete;
  parked_threads& operator=(const parked_threads&) = delete;

  ~parked_threads() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    released_.notify_all();
    for (const pthread_t handle : handles_) pthread_join(handle, nullptr);
  }

  std::size_t count() const noexcept { return handles_.size(); }

 private:
  static void* park(void* self) {
    auto& all = *static_cast<parked_threads*>(self);
    std::unique_lock lock(all.mutex_);
    ++all.waiting_;
    all.arrived_.notify_one();
    all.released_.wait(lock, [&] { return all.over_; });
    return nullptr;
  }

  std::mutex mutex_;
  std::condition_variable arrived_, released_;
  std::size_t waiting_ = 0;
  bool over_ = false;
  std::vector<pthread_t> handles_;
};

#endif
