// SPDX-License-Identifier: MIT
/// \file Uses every template that users' files instantiate: warnings in those come out there only.
#include <taskleak/taskleak.hpp>

#include <chrono>
#include <coroutine>
#include <string>
#include <utility>

namespace {

/// A coroutine type whose awaiters are of each kind: by value, by reference, by operator, with and without a result.
struct task {
  struct promise_type {
    task get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(int) noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept {}
  };
};

struct text_awaiter {
  bool await_ready() const noexcept { return true; }
  bool await_suspend(std::coroutine_handle<>) const noexcept { return false; }
  std::string await_resume() const { return "text"; }
};

struct symmetric {
  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<task::promise_type> who) const noexcept { return who; }
  int& await_resume() const noexcept {
    static int number = 0;
    return number;
  }
};

struct operand {
  symmetric operator co_await() const noexcept { return {}; }
};

task all_kinds(int number, const std::string& text) {
  text_awaiter named;
  const std::string first = co_await named;
  const std::string second = co_await text_awaiter();
  co_await operand() = number;
  co_await std::suspend_always();
  co_yield number;
  if (first == second && text == first) co_return;
}

struct explicit_task {
  struct promise_type : taskleak::tracked<promise_type> {
    explicit_task get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept {}
  };
};

explicit_task tracked_explicitly() { co_await std::suspend_always(); }

}  // namespace

void use_all();
void use_all() {
  using namespace std::chrono_literals;
  taskleak::guard guard(taskleak::ignore_name("pool"), taskleak::wait_up_to(5ms), taskleak::cleanup([] {}),
                        taskleak::ignore_task([](const taskleak::task& one) { return !one.name; }));
  const taskleak::blocking_region waiting("channel send");
  all_kinds(1, "text");
  tracked_explicitly();
  taskleak::thread worker([](int) {}, 1);
  worker.join();
  taskleak::jthread stopped([](const std::stop_token& token) { (void)token.stop_requested(); });
  stopped = taskleak::jthread();
  taskleak::async(std::launch::async, [] {}).get();
  taskleak::async([] {}).get();
  if (taskleak::find(taskleak::ignore_current() | taskleak::wait_up_to(0s)).stragglers.empty()) guard.dismiss();
  taskleak::verify_none(taskleak::ignore_current(taskleak::snapshot()), taskleak::ignore_state(taskleak::state::sleep));
}
