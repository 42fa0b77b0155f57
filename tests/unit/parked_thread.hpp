// SPDX-License-Identifier: MIT
/// \file Threads in a known place: gates to hold them, and looks that go on until a thread is where it should be.
#ifndef TASKLEAK_TESTS_UNIT_PARKED_THREAD_HPP
#define TASKLEAK_TESTS_UNIT_PARKED_THREAD_HPP

#include <taskleak/detail/platform/parked_call.hpp>
#include <taskleak/detail/registry/registry.hpp>
#include <taskleak/guard.hpp>
#include <taskleak/report.hpp>

#include "../gate.hpp"
#include "system_calls.hpp"
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace unit {

using tests::eternal_gate;
using tests::gate;

inline int own_tid() { return static_cast<int>(syscall(SYS_gettid)); }

/// A thread's id, told by itself.
class told_tid {
 public:
  void tell() {
    tid_.store(own_tid());
    tid_.notify_all();
  }
  int get() const {
    tid_.wait(0);
    return tid_.load();
  }

 private:
  std::atomic<int> tid_{0};
};

/// Goes on until the condition holds; ctest's time limit ends a test in which it never does.
template <class Condition>
void until(Condition&& holds) {
  while (!holds()) sched_yield();
}

inline void until_registry_is_empty() {
  until([] { return taskleak::detail::the_registry.size() == 0; });
}

/// Until the thread sits in this system call.
inline void until_parked_in(int tid, long call) {
  until([&] {
    const auto at = taskleak::detail::read_parked_call(tid);
    return at.what == taskleak::detail::parked_call::kind::blocked && at.number == call;
  });
}

/// Goes on once the thread waits for the futex that this object begins with, as a lock does.
inline void until_parked_at(int tid, const void* object) {
  until([&] {
    const auto at = taskleak::detail::read_parked_call(tid);
    return at.what == taskleak::detail::parked_call::kind::blocked && at.number == SYS_futex &&
           at.arguments[0] == reinterpret_cast<std::uintptr_t>(object);
  });
}

inline const taskleak::options at_once = taskleak::wait_up_to(std::chrono::seconds(0));

inline std::optional<taskleak::straggler> find_thread(int tid) {
  for (taskleak::straggler& s : taskleak::find(at_once).stragglers)
    if (s.id == static_cast<std::uint64_t>(tid)) return std::move(s);
  return std::nullopt;
}

/// The thread, once it sits in this system call.
inline taskleak::straggler parked_thread(int tid, long call = SYS_futex) {
  until_parked_in(tid, call);
  auto found = find_thread(tid);
  if (found) return std::move(*found);
  ADD_FAILURE() << "thread " << tid << " is parked, and is not found";
  return {};
}

inline bool has_function(const std::vector<taskleak::frame>& stack, std::string_view part) {
  for (const taskleak::frame& f : stack)
    if (f.function.find(part) != f.function.npos) return true;
  return false;
}

inline std::string in_words(const taskleak::straggler& s) {
  taskleak::report whole;
  whole.stragglers.push_back(s);
  std::string text = taskleak::to_text(whole);
  for (const taskleak::frame& f : s.stack) text += "  frame " + f.function + " in " + f.module + '\n';
  return text;
}

/// "Suite.Test" of the test that runs.
inline std::string this_test() {
  const auto* info = testing::UnitTest::GetInstance()->current_test_info();
  return std::string(info->test_suite_name()) + '.' + info->name();
}

/// A thread that waits at a gate of its own until it is told to end, and is joined.
class held_thread {
 public:
  explicit held_thread(const char* name = nullptr)
      : thread_([this, name] {
          if (name) pthread_setname_np(pthread_self(), name);
          tid_.tell();
          gate_.wait();
        }) {}
  ~held_thread() {
    open();
    if (thread_.joinable()) thread_.join();
  }
  int tid() const { return tid_.get(); }
  void open() { gate_.open(); }
  std::thread& thread() { return thread_; }
  const std::condition_variable* condition() const { return gate_.condition(); }

 private:
  gate gate_;
  told_tid tid_;
  std::thread thread_;
};

/// A thread that waits for a condition with a limit, until it is told to end.
class timed_waiter {
 public:
  explicit timed_waiter(std::chrono::hours limit)
      : thread_([this, limit] {
          std::unique_lock lock(mutex_);
          tid_.tell();
          changed_.wait_for(lock, limit, [this] { return over_; });
        }) {}
  ~timed_waiter() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    wake();
    thread_.join();
  }
  timed_waiter(const timed_waiter&) = delete;
  timed_waiter& operator=(const timed_waiter&) = delete;
  int tid() const { return tid_.get(); }
  void wake() { changed_.notify_all(); }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  told_tid tid_;
  std::thread thread_;
};

}  // namespace unit

#endif
