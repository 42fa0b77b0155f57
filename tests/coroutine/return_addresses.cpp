// SPDX-License-Identifier: MIT
/// \file What a coroutine's functions return to is the coroutine's own code: libraries make their asynchronous stacks of that.
#include "watch.hpp"
#include <gtest/gtest.h>

#include <algorithm>
#include <coroutine>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <vector>

#include <dlfcn.h>

// why: not without a name, which would keep what is instantiated for its types from being exported
namespace return_addresses {

/// Of each call, in order: the function called, and the exported function that it returns to, if that is one.
struct call {
  std::string of, from;
};
inline std::vector<call> calls;

#define NOTE_CALL(function) note_call(function, __builtin_return_address(0))

[[gnu::noinline]] inline void note_call(const char* of, const void* returns_to) {
  Dl_info found{};
  // the program exports what has external linkage, and so every function of a header, which is not inlined
  const bool known = dladdr(static_cast<const char*>(returns_to) - 1, &found) != 0 && found.dli_sname;
  calls.push_back({of, known ? found.dli_sname : ""});
}

/// An awaiter that may throw or not, and suspends in one of three ways.
template <class Result, bool NoExcept>
struct noting_awaiter {
  [[gnu::noinline]] bool await_ready() noexcept(NoExcept) {
    NOTE_CALL("await_ready");
    return false;
  }
  [[gnu::noinline]] Result await_suspend(std::coroutine_handle<>) noexcept(NoExcept) {
    NOTE_CALL("await_suspend");
    if constexpr (std::is_same_v<Result, bool>)
      return true;
    else if constexpr (!std::is_void_v<Result>)
      return std::noop_coroutine();
  }
  [[gnu::noinline]] int await_resume() noexcept(NoExcept) {
    NOTE_CALL("await_resume");
    return 1;
  }
};

struct by_operator {
  [[gnu::noinline]] noting_awaiter<void, true> operator co_await() const {
    NOTE_CALL("operator co_await");
    return {};
  }
};

struct without_transform {};
struct with_transform {
  template <class A>
  [[gnu::noinline]] A&& await_transform(A&& a) {
    NOTE_CALL("await_transform");
    return static_cast<A&&>(a);
  }
};

template <class Transform>
struct noting_task {
  struct promise_type : Transform {
    [[gnu::noinline]] void* operator new(std::size_t size) {
      NOTE_CALL("operator new");
      return std::malloc(size);
    }
    [[gnu::noinline]] void operator delete(void* frame, std::size_t) {
      NOTE_CALL("operator delete");
      std::free(frame);
    }
    [[gnu::noinline]] promise_type() { NOTE_CALL("constructor"); }
    [[gnu::noinline]] ~promise_type() { NOTE_CALL("destructor"); }
    [[gnu::noinline]] noting_task get_return_object() {
      NOTE_CALL("get_return_object");
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    [[gnu::noinline]] noting_awaiter<void, true> initial_suspend() {
      NOTE_CALL("initial_suspend");
      return {};
    }
    [[gnu::noinline]] noting_awaiter<void, true> final_suspend() noexcept {
      NOTE_CALL("final_suspend");
      return {};
    }
    [[gnu::noinline]] noting_awaiter<bool, false> yield_value(int) {
      NOTE_CALL("yield_value");
      return {};
    }
    [[gnu::noinline]] void return_void() { NOTE_CALL("return_void"); }
    [[gnu::noinline]] void unhandled_exception() { NOTE_CALL("unhandled_exception"); }
  };
  std::coroutine_handle<promise_type> handle;
};

template <class Task>
Task awaits_in_every_way(bool throws) {
  co_await noting_awaiter<void, true>();
  co_await noting_awaiter<void, false>();
  co_await noting_awaiter<bool, true>();
  co_await noting_awaiter<bool, false>();
  co_await noting_awaiter<std::coroutine_handle<>, true>();
  noting_awaiter<std::coroutine_handle<>, false> elsewhere;
  co_await elsewhere;
  co_await by_operator();
  const by_operator awaitable;
  co_await awaitable;
  co_yield 1;
  if (throws) throw 1;
}

template <class Task>
void expect_calls_from_the_coroutine() {
  calls.clear();
  for (const bool throws : {false, true}) {
    const Task task = awaits_in_every_way<Task>(throws);
    while (!task.handle.done()) task.handle.resume();
    task.handle.destroy();
  }
  EXPECT_GT(calls.size(), 60u);
  for (const call& c : calls) EXPECT_EQ(c.from.find("taskleak"), c.from.npos) << c.of << " was called by " << c.from;
}

TEST(ReturnAddress, OfEachFunctionIsInTheCoroutine) { expect_calls_from_the_coroutine<noting_task<without_transform>>(); }

TEST(ReturnAddress, OfAwaitTransformIsInTheCoroutine) { expect_calls_from_the_coroutine<noting_task<with_transform>>(); }

}  // namespace return_addresses
