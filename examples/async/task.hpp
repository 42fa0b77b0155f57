// SPDX-License-Identifier: MIT
/// \file Two coroutine types: one that is awaited, and one that runs by itself.
#ifndef EXAMPLES_ASYNC_TASK_HPP
#define EXAMPLES_ASYNC_TASK_HPP

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace async {

/// Starts when it is awaited. Its end goes on with who awaits it, and hands over the result or the exception.
template <class T>
class [[nodiscard]] task {
 public:
  struct promise_type;
  using handle = std::coroutine_handle<promise_type>;

  struct end_awaiter {
    bool await_ready() noexcept { return false; }
    std::coroutine_handle<> await_suspend(handle ended) noexcept { return ended.promise().awaited_by; }
    void await_resume() noexcept {}
  };

  struct promise_type {
    std::coroutine_handle<> awaited_by;
    std::optional<T> result;
    std::exception_ptr error;

    task get_return_object() { return task(handle::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    end_awaiter final_suspend() noexcept { return {}; }
    void return_value(T value) { result = std::move(value); }
    void unhandled_exception() { error = std::current_exception(); }
  };

  struct awaiter {
    handle started;

    bool await_ready() noexcept { return false; }
    handle await_suspend(std::coroutine_handle<> who) noexcept {
      started.promise().awaited_by = who;
      return started;
    }
    T await_resume() {
      if (started.promise().error) std::rethrow_exception(started.promise().error);
      return std::move(*started.promise().result);
    }
  };

  task(const task&) = delete;
  task& operator=(const task&) = delete;
  ~task() { coroutine_.destroy(); }

  awaiter operator co_await() noexcept { return {coroutine_}; }

 private:
  explicit task(handle coroutine) : coroutine_(coroutine) {}

  handle coroutine_;
};

/// Starts at once, and is gone at its end. Nobody can await it, or stop it.
struct detached {
  struct promise_type {
    detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() { std::terminate(); }
  };
};

}  // namespace async

#endif
