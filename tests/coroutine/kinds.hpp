// SPDX-License-Identifier: MIT
/// \file Coroutine types as libraries have them. Nothing here knows of taskleak.
#ifndef TASKLEAK_TESTS_COROUTINE_KINDS_HPP
#define TASKLEAK_TESTS_COROUTINE_KINDS_HPP

#include <coroutine>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <optional>
#include <utility>
#include <variant>

namespace kinds {

/// Resumes whoever waits, by symmetric transfer.
struct final_transfer {
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> h) const noexcept {
    return h.promise().continuation ? h.promise().continuation : std::noop_coroutine();
  }
  void await_resume() const noexcept {}
};

template <class T>
struct result_of {
  std::variant<std::monostate, T, std::exception_ptr> result;

  template <class U>
  void return_value(U&& value) {
    result.template emplace<1>(std::forward<U>(value));
  }
  void unhandled_exception() noexcept { result.template emplace<2>(std::current_exception()); }
  T take() {
    if (result.index() == 2) std::rethrow_exception(std::get<2>(result));
    return std::move(std::get<1>(result));
  }
};

template <>
struct result_of<void> {
  std::exception_ptr error;

  void return_void() noexcept {}
  void unhandled_exception() noexcept { error = std::current_exception(); }
  void take() const {
    if (error) std::rethrow_exception(error);
  }
};

/// Starts with whom awaits it, or with start().
template <class T, class Initial = std::suspend_always>
class [[nodiscard]] basic_task {
 public:
  struct promise_type : result_of<T> {
    std::coroutine_handle<> continuation;

    basic_task get_return_object() noexcept { return basic_task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    Initial initial_suspend() const noexcept { return {}; }
    final_transfer final_suspend() const noexcept { return {}; }
  };

  basic_task(basic_task&& other) noexcept : handle(std::exchange(other.handle, {})) {}
  basic_task& operator=(basic_task other) noexcept {
    std::swap(handle, other.handle);
    return *this;
  }
  ~basic_task() {
    if (handle) handle.destroy();
  }

  auto operator co_await() const& noexcept {
    struct awaiter {
      std::coroutine_handle<promise_type> of;
      bool await_ready() const noexcept { return of.done(); }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) const noexcept {
        of.promise().continuation = waiting;
        if constexpr (std::is_same_v<Initial, std::suspend_always>)
          return of;
        else
          return std::noop_coroutine();
      }
      T await_resume() const { return of.promise().take(); }
    };
    return awaiter{handle};
  }

  void start() const { handle.resume(); }
  bool done() const { return handle.done(); }
  T take() const { return handle.promise().take(); }

  std::coroutine_handle<promise_type> handle;

 private:
  explicit basic_task(std::coroutine_handle<promise_type> h) noexcept : handle(h) {}
};

template <class T = void>
using task = basic_task<T>;
template <class T = void>
using eager_task = basic_task<T, std::suspend_never>;

/// Has no owner: destroys itself at its end.
struct fire_and_forget {
  struct promise_type {
    fire_and_forget get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

/// Without memory there is no coroutine, and at first there is none. A promise type derives from it, final or not.
template <class Coro, class Promise>
struct promise_or_none {
  static inline bool has_memory = false;
  static void* operator new(std::size_t size) noexcept { return has_memory ? std::malloc(size) : nullptr; }
  static void operator delete(void* p) { std::free(p); }
  static Coro get_return_object_on_allocation_failure() noexcept { return {nullptr}; }
  Coro get_return_object() noexcept { return {std::coroutine_handle<Promise>::from_promise(static_cast<Promise&>(*this))}; }
  std::suspend_always initial_suspend() noexcept { return {}; }
  std::suspend_always final_suspend() noexcept { return {}; }
  void return_void() noexcept {}
  void unhandled_exception() {}
};

template <class T>
class generator {
 public:
  struct promise_type {
    std::optional<T> value;

    generator get_return_object() noexcept { return generator(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    std::suspend_always yield_value(T v) {
      value.emplace(std::move(v));
      return {};
    }
    void return_void() const noexcept {}
    void unhandled_exception() const { throw; }
    void await_transform() = delete;
  };

  generator(generator&& other) noexcept : handle(std::exchange(other.handle, {})) {}
  ~generator() {
    if (handle) handle.destroy();
  }

  std::optional<T> next() {
    handle.promise().value.reset();
    handle.resume();
    return std::move(handle.promise().value);
  }

  std::coroutine_handle<promise_type> handle;

 private:
  explicit generator(std::coroutine_handle<promise_type> h) noexcept : handle(h) {}
};

/// Where a coroutine waits until someone comes by.
struct gate {
  std::coroutine_handle<> waiting;

  auto operator co_await() noexcept {
    struct awaiter {
      gate& of;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> h) const noexcept { of.waiting = h; }
      void await_resume() const noexcept {}
    };
    return awaiter{*this};
  }
  void open() { std::exchange(waiting, {}).resume(); }
};

}  // namespace kinds

#endif
