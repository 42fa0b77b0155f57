// SPDX-License-Identifier: MIT
/// \file Mistakes that a compiler refuses in a coroutine: tracking neither hides one nor makes one.
#include <coroutine>
#include <exception>

#if !defined(MISTAKE)
#define MISTAKE 0
#endif

struct allowed : std::suspend_always {};
struct forbidden : std::suspend_always {};
struct unrelated {};
struct hidden : std::suspend_always {};

struct coro {
  struct promise_type {
    coro get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
#if MISTAKE == 8
    std::suspend_always final_suspend() { return {}; }
#else
    std::suspend_always final_suspend() noexcept { return {}; }
#endif
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
    std::suspend_always yield_value(int) { return {}; }
    allowed await_transform(allowed a) { return a; }
    void await_transform(forbidden) = delete;

   private:
    hidden await_transform(hidden h) { return h; }
  };
};

/// Without functions of the promise's own.
struct plain {
  struct promise_type {
    plain get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

/// Nothing says what its elements are: braces could mean either, and only tracking needs to know.
struct two_kinds {
  struct promise_type {
    two_kinds get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
    std::suspend_always yield_value(unrelated) { return {}; }
    template <class T>
    std::suspend_always yield_value(T*) {
      return {};
    }
  };
};

/// A literal is a bool by a standard conversion, which is better than the constructor of the element's.
struct text {
  text(const char*);
};
struct text_or_flag {
  struct promise_type {
    text_or_flag get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
    std::suspend_always yield_value(const text&) { return {}; }
    std::suspend_always yield_value(bool) { return {}; }
  };
};

struct no_rvalue {
  std::suspend_always operator co_await() & { return {}; }
  void operator co_await() && = delete;
};

struct suspends_by_text {
  bool await_ready() { return false; }
#if MISTAKE == 9
  const char* await_suspend(std::coroutine_handle<>) { return ""; }
#else
  void await_suspend(std::coroutine_handle<>) {}
#endif
  void await_resume() {}
};

coro waits();
coro waits() {
  co_await allowed();
  co_yield 1;
#if MISTAKE == 1
  co_await forbidden();
#elif MISTAKE == 2
  co_await unrelated();
#elif MISTAKE == 5
  co_await hidden();
#elif MISTAKE == 6
  co_yield unrelated();
#endif
}

plain waits_plainly();
plain waits_plainly() {
  no_rvalue lvalue;
  co_await lvalue;
  co_await suspends_by_text();
#if MISTAKE == 3
  co_await unrelated();
#elif MISTAKE == 4
  co_await no_rvalue();
#elif MISTAKE == 7
  co_yield 1;
#endif
}

two_kinds yields();
two_kinds yields() {
  co_yield unrelated();
  co_yield "text";
#if MISTAKE == 10
  co_yield {};
#endif
}

text_or_flag yields_either();
text_or_flag yields_either() {
  co_yield text("text");
  co_yield true;
#if MISTAKE == 11
  co_yield "text";
#endif
}

#if MISTAKE == 12 || MISTAKE == 13
/// No class can be derived from its promise, and no trait says so.
struct sealed {
  struct promise_type {
    virtual ~promise_type() final = default;
    sealed get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

#if MISTAKE == 13
template <>
constexpr bool taskleak::enable_tracking<sealed::promise_type> = false;
#endif

sealed ends();
sealed ends() { co_return; }
#endif
