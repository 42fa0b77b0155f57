// SPDX-License-Identifier: MIT
/// \file A coroutine that does nothing, for tests that need many.
#ifndef TASKLEAK_TESTS_SLEEPER_HPP
#define TASKLEAK_TESTS_SLEEPER_HPP

#include <coroutine>
#include <utility>

namespace tests {

/// A coroutine that is suspended from the start and ends with its object.
class sleeper {
 public:
  struct promise_type {
    sleeper get_return_object() noexcept { return sleeper(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept {}
  };
  sleeper(sleeper&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  sleeper& operator=(sleeper&&) = delete;
  ~sleeper() {
    if (handle_) handle_.destroy();
  }

 private:
  explicit sleeper(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};
inline sleeper sleep_on() { co_return; }

}  // namespace tests

#endif
