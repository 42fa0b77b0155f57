// SPDX-License-Identifier: MIT
/// \file A library that specialises std::coroutine_traits itself; it has never heard of taskleak.
#include <gtest/gtest.h>

#include <coroutine>
#include <exception>
#include <utility>

// ---- the library
namespace lib {

template <class T>
struct task_promise;

template <class T>
class task {
 public:
  explicit task(std::coroutine_handle<task_promise<T>> coroutine) : coroutine_(coroutine) {}
  task(task&& other) noexcept : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
  ~task() {
    if (coroutine_) coroutine_.destroy();
  }

  T run() {
    coroutine_.resume();
    return coroutine_.promise().value;
  }

 private:
  std::coroutine_handle<task_promise<T>> coroutine_;
};

template <class T>
struct task_promise {
  T value{};

  task<T> get_return_object() { return task<T>(std::coroutine_handle<task_promise>::from_promise(*this)); }
  std::suspend_always initial_suspend() noexcept { return {}; }
  std::suspend_always final_suspend() noexcept { return {}; }
  void return_value(T v) { value = std::move(v); }
  void unhandled_exception() { std::terminate(); }
};

}  // namespace lib

template <class T, class... Args>
struct std::coroutine_traits<lib::task<T>, Args...> {
  using promise_type = lib::task_promise<T>;
};

// A library that is written for one signature only, in a full specialisation.
namespace lib {
struct job {
  std::coroutine_handle<> coroutine;
};
struct job_promise {
  job get_return_object() { return {std::coroutine_handle<job_promise>::from_promise(*this)}; }
  std::suspend_never initial_suspend() noexcept { return {}; }
  std::suspend_always final_suspend() noexcept { return {}; }
  void return_void() {}
  void unhandled_exception() { std::terminate(); }
};
}  // namespace lib

namespace std {
template <>
struct coroutine_traits<lib::job, int> {
  using promise_type = lib::job_promise;
};
}  // namespace std

namespace {

lib::task<int> wait_for_ever() {
  co_await std::suspend_always();  // the wait
  co_return 1;
}

lib::job work(int) {
  co_await std::suspend_always();  // the work
}

lib::task<int> answer() { co_return 42; }

}  // namespace

TEST(OwnTraits, CoroutineIsLeft) { (new lib::task<int>(wait_for_ever()))->run(); }

TEST(OwnTraits, CoroutineOfOneSignatureIsLeft) { work(1); }

TEST(OwnTraits, CoroutinesAreDestroyed) {
  work(1).coroutine.destroy();
  EXPECT_EQ(answer().run(), 42);
  EXPECT_EQ(wait_for_ever().run(), 0);
}
