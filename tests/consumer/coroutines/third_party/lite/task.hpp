// SPDX-License-Identifier: MIT
/// \file A coroutine library as others write them: it has never heard of taskleak.
#ifndef LITE_TASK_HPP
#define LITE_TASK_HPP

#include <coroutine>
#include <exception>
#include <utility>
#include <vector>

namespace lite {

template <class T>
class task {
 public:
  struct promise_type {
    struct final_awaiter {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) noexcept {
        return self.promise().continuation ? self.promise().continuation : std::noop_coroutine();
      }
      void await_resume() noexcept {}
    };

    task get_return_object() { return task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    final_awaiter final_suspend() noexcept { return {}; }
    void return_value(T v) { value = std::move(v); }
    void unhandled_exception() { error = std::current_exception(); }

    std::coroutine_handle<> continuation;
    std::exception_ptr error;
    T value{};
  };

  task(task&& other) noexcept : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
  task& operator=(task&&) = delete;
  ~task() {
    if (coroutine_) coroutine_.destroy();
  }

  auto operator co_await() && noexcept {
    struct awaiter {
      std::coroutine_handle<promise_type> child;
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> parent) noexcept {
        child.promise().continuation = parent;
        return child;
      }
      T await_resume() {
        if (child.promise().error) std::rethrow_exception(child.promise().error);
        return std::move(child.promise().value);
      }
    };
    return awaiter{coroutine_};
  }

  void start() { coroutine_.resume(); }
  bool done() const { return coroutine_.done(); }
  T result() { return std::move(coroutine_.promise().value); }

 private:
  explicit task(std::coroutine_handle<promise_type> coroutine) : coroutine_(coroutine) {}

  std::coroutine_handle<promise_type> coroutine_;
};

/// Coroutines wait until it is set, once.
class event {
 public:
  auto operator co_await() noexcept {
    struct awaiter {
      event& of;
      bool await_ready() noexcept { return of.set_; }
      void await_suspend(std::coroutine_handle<> who) { of.waiting_.push_back(who); }
      void await_resume() noexcept {}
    };
    return awaiter{*this};
  }

  void set() {
    set_ = true;
    for (const std::coroutine_handle<> who : std::exchange(waiting_, {})) who.resume();
  }

 private:
  std::vector<std::coroutine_handle<>> waiting_;
  bool set_ = false;
};

}  // namespace lite

#endif
