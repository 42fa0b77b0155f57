// SPDX-License-Identifier: MIT
/// \file Threads that wait for ever, and gates to know that they do.
#ifndef TASKLEAK_TESTS_LEAKY_HELD_HPP
#define TASKLEAK_TESTS_LEAKY_HELD_HPP

#include <condition_variable>
#include <mutex>
#include <thread>

#include <pthread.h>

namespace leaky {

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

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

/// Outlives every thread that waits at it.
inline gate& eternal_gate() { return *new gate; }

[[gnu::noinline]] inline void wait_for_ever(gate& never) { never.wait(); }

/// Returns a thread that has the name and waits for ever.
inline std::thread waiting_thread(const char* name) {
  gate& named = eternal_gate();
  gate& never = eternal_gate();
  std::thread made([&named, &never, name] {
    pthread_setname_np(pthread_self(), name);
    named.open();
    wait_for_ever(never);
  });
  named.wait();
  return made;
}

}  // namespace leaky

#endif
