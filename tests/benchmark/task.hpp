// SPDX-License-Identifier: MIT
/// \file The task and the event of asynchronous programs, in the namespace that the file which includes this one names: tracked
/// and untracked coroutines have to be of different types.
#ifndef TASKLEAK_TESTS_BENCHMARK_TASK_HPP
#define TASKLEAK_TESTS_BENCHMARK_TASK_HPP

#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace TASKLEAK_BENCHMARK_NAMESPACE {

/// The usual task: its end goes on with who awaits it, and its owner destroys it. It starts when it is awaited, or at once where
/// Start is std::suspend_never.
template <class T, class Start = std::suspend_always>
class task {
 public:
  struct promise_type {
    struct end_awaiter {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> ended) noexcept {
        return ended.promise().awaited_by ? ended.promise().awaited_by : std::noop_coroutine();
      }
      void await_resume() noexcept {}
    };
    task get_return_object() { return task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    Start initial_suspend() noexcept { return {}; }
    end_awaiter final_suspend() noexcept { return {}; }
    template <class U>
    void return_value(U&& v) {
      value.emplace(std::forward<U>(v));
    }
    void unhandled_exception() { failure = std::current_exception(); }

    std::coroutine_handle<> awaited_by;
    std::optional<T> value;
    std::exception_ptr failure;
  };

  struct awaiter {
    std::coroutine_handle<promise_type> handle;
    bool await_ready() { return handle.done(); }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> who) {
      handle.promise().awaited_by = who;
      if constexpr (std::is_same_v<Start, std::suspend_always>)
        return handle;
      else
        return std::noop_coroutine();
    }
    T await_resume() {
      if (handle.promise().failure) std::rethrow_exception(handle.promise().failure);
      return std::move(*handle.promise().value);
    }
  };

  explicit task(std::coroutine_handle<promise_type> h) : handle_(h) {}
  task(task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  task& operator=(task&&) = delete;
  ~task() {
    if (handle_) handle_.destroy();
  }
  awaiter operator co_await() { return {handle_}; }

 private:
  std::coroutine_handle<promise_type> handle_;
};

/// An awaitable that is an awaiter itself, as an event or a timer is.
struct event {
  std::coroutine_handle<> waiting;
  bool await_ready() noexcept { return false; }
  void await_suspend(std::coroutine_handle<> who) noexcept { waiting = who; }
  void await_resume() noexcept {}
};

}  // namespace TASKLEAK_BENCHMARK_NAMESPACE

#endif
