// SPDX-License-Identifier: MIT
/// \file A library that is loaded and unloaded, with a coroutine that nobody ends.
#include <coroutine>
#include <exception>

namespace plugin {

struct answer {
  bool await_ready() { return false; }
  void await_suspend(std::coroutine_handle<>) {}
  int await_resume() { return 42; }
};

struct question {
  struct promise_type {
    question get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

question ask(int times) {
  for (int i = 0; i < times; ++i) co_await answer();  // asks
}

}  // namespace plugin

extern "C" __attribute__((visibility("default"))) void ask_in_plugin() { plugin::ask(2); }
