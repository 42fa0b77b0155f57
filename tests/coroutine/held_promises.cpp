// SPDX-License-Identifier: MIT
/// \file Promise types that can be no base, final ones and unions: they are tracked, and all works as it does untracked.
#include "kinds.hpp"
#include "watch.hpp"

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <source_location>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

/// What a test's promise types have in common; each of them adds how it ends.
template <class Coro, class Promise>
struct basics {
  Coro get_return_object() { return {std::coroutine_handle<Promise>::from_promise(static_cast<Promise&>(*this))}; }
  std::suspend_always initial_suspend() noexcept { return {}; }
  std::suspend_always final_suspend() noexcept { return {}; }
  void unhandled_exception() { throw; }
};

struct plain {
  struct promise_type final : basics<plain, promise_type> {
    void return_void() noexcept {}
  };
  std::coroutine_handle<promise_type> handle;
};

TEST_F(Coroutine, WithAFinalPromiseIsListed) {
  const auto c = []() -> plain { co_await std::suspend_always(); }();
  EXPECT_CREATED(c.handle);
  c.handle.resume();
  EXPECT_SUSPENDED_AT(c.handle, __LINE__ - 3);
  c.handle.resume();
  EXPECT_TRUE(c.handle.done());
  EXPECT_FINISHED(c.handle);
  c.handle.destroy();
}

TEST_F(Coroutine, ThatThrowsPastAFinalPromiseIsFinished) {
  const auto c = []() -> plain {
    co_await std::suspend_never();
    throw std::runtime_error("body");
  }();
  EXPECT_THROW(c.handle.resume(), std::runtime_error);
  EXPECT_TRUE(c.handle.done());
  EXPECT_FINISHED(c.handle);
  c.handle.destroy();
}

struct of_union {
  union promise_type {
    int result = 0;
    double other;
    of_union get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void unhandled_exception() { throw; }
    void return_value(int value) noexcept { result = value; }
  };
  std::coroutine_handle<promise_type> handle;
};

TEST_F(Coroutine, WhosePromiseIsAUnionIsListed) {
  const auto c = []() -> of_union {
    co_await std::suspend_never();
    co_return 4;
  }();
  EXPECT_CREATED(c.handle);
  c.handle.resume();
  EXPECT_EQ(c.handle.promise().result, 4);
  EXPECT_FINISHED(c.handle);
  c.handle.destroy();
}

// ---- one that awaits another

/// As tasks of libraries are written, but for `final`.
template <class T>
struct [[nodiscard]] task {
  struct promise_type final {
    std::coroutine_handle<> continuation = std::noop_coroutine();
    T result{};
    task get_return_object() { return task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    struct resumes_continuation {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> h) noexcept { return h.promise().continuation; }
      void await_resume() noexcept {}
    };
    resumes_continuation final_suspend() noexcept { return {}; }
    template <class U = T>
    void return_value(U&& value) {
      result = static_cast<U&&>(value);
    }
    void unhandled_exception() { throw; }
  };
  explicit task(std::coroutine_handle<promise_type> h) : handle(h) {}
  task(task&& other) noexcept : handle(std::exchange(other.handle, {})) {}
  ~task() {
    if (handle) handle.destroy();
  }
  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> by) noexcept {
    handle.promise().continuation = by;
    return handle;
  }
  T await_resume() { return std::move(handle.promise().result); }

  std::coroutine_handle<promise_type> handle;
};

task<std::string> inner(kinds::gate& g) {
  co_await g;
  co_return "text";
}
task<std::string> outer(kinds::gate& g) {
  std::string text = co_await inner(g);
  co_return text + "!";
}
task<std::vector<int>> braces() { co_return {1, 2, 3}; }

TEST_F(Coroutine, WithAFinalPromiseAwaitsAnother) {
  kinds::gate g;
  const auto c = outer(g);
  EXPECT_BORN(1);
  c.handle.resume();
  EXPECT_BORN(2);
  EXPECT_SUSPENDED_AT(c.handle, __LINE__ - 11);
  g.open();
  EXPECT_FINISHED(c.handle);
  EXPECT_EQ(c.handle.promise().result, "text!");
}

TEST_F(Coroutine, WithAFinalPromiseReturnsBraces) {
  const auto c = braces();
  c.handle.resume();
  EXPECT_EQ(c.handle.promise().result, (std::vector<int>{1, 2, 3}));
}

// ---- what return_value takes

/// A coroutine whose promise has the return_value() of `Part`.
template <class Part>
struct returns {
  struct promise_type final : Part, basics<returns, promise_type> {
    using basics<returns, promise_type>::get_return_object;
  };
  std::coroutine_handle<promise_type> handle;
};

struct by_reference {
  std::string got;
  void return_value(const std::string& text) { got = text; }
};
struct by_pointer {
  const char* got = "";
  void return_value(const char* text) noexcept { got = text; }
};
struct by_unique {
  std::unique_ptr<int> got;
  void return_value(std::unique_ptr<int> number) noexcept { got = std::move(number); }
};
struct by_overload {
  std::string got;
  void return_value(std::string&& text) { got = "moved " + text; }
  void return_value(const std::string& text) { got = "copied " + text; }
};

template <class Part>
const Part& part_after_run(const returns<Part>& c) {
  c.handle.resume();
  EXPECT_FINISHED(c.handle);
  return c.handle.promise();
}

TEST_F(Coroutine, WithAFinalPromiseReturnsWhatItsAuthorTakes) {
  const auto text = []() -> returns<by_reference> { co_return "literal"; }();
  EXPECT_EQ(part_after_run(text).got, "literal");
  const auto null = []() -> returns<by_pointer> { co_return 0; }();
  EXPECT_EQ(part_after_run(null).got, nullptr);
  const auto made = []() -> returns<by_unique> { co_return std::make_unique<int>(3); }();
  EXPECT_EQ(*part_after_run(made).got, 3);
  const auto local = []() -> returns<by_unique> {
    auto number = std::make_unique<int>(4);
    co_return number;
  }();
  EXPECT_EQ(*part_after_run(local).got, 4);
  const auto moved = []() -> returns<by_overload> { co_return std::string("a"); }();
  EXPECT_EQ(part_after_run(moved).got, "moved a");
  const std::string constant = "b";
  const auto copied = [](const std::string& s) -> returns<by_overload> { co_return s; }(constant);
  EXPECT_EQ(part_after_run(copied).got, "copied b");
  text.handle.destroy();
  null.handle.destroy();
  made.handle.destroy();
  local.handle.destroy();
  moved.handle.destroy();
  copied.handle.destroy();
}

// ---- yields and transforms

struct numbers {
  struct promise_type final : basics<numbers, promise_type> {
    int last = 0;
    unsigned line = 0;
    std::suspend_always yield_value(const int& n) noexcept { return last = n, std::suspend_always(); }
    std::suspend_always yield_value(int&& n) noexcept { return last = -n, std::suspend_always(); }
    std::suspend_never await_transform(int n, std::source_location where = std::source_location::current()) noexcept {
      last = n;
      line = where.line();
      return {};
    }
    kinds::gate& await_transform(kinds::gate& g) noexcept { return g; }
    void return_void() noexcept {}
  };
  std::coroutine_handle<promise_type> handle;
};

TEST_F(Coroutine, WithAFinalPromiseYieldsAndTransforms) {
  kinds::gate g;
  const auto c = [](kinds::gate& gate) -> numbers {
    const int seven = 7;
    co_yield seven;
    co_yield 8;
    co_await 9;
    co_await gate;
  }(g);
  auto& promise = c.handle.promise();
  c.handle.resume();
  EXPECT_EQ(promise.last, 7);
  EXPECT_SUSPENDED_AT(c.handle, __LINE__ - 8);
  c.handle.resume();
  EXPECT_EQ(promise.last, -8);
  EXPECT_SUSPENDED_AT(c.handle, __LINE__ - 10);
  c.handle.resume();
  EXPECT_EQ(promise.last, 9);
  EXPECT_EQ(promise.line, __LINE__ - 12u);
  EXPECT_SUSPENDED_AT(c.handle, __LINE__ - 12);
  g.open();
  EXPECT_FINISHED(c.handle);
  c.handle.destroy();
}

// ---- memory and parameters

struct arena {
  alignas(std::max_align_t) std::byte bytes[4096];
  int taken = 0;
  int given_back = 0;
};

/// Its frame comes from the arena that is its first parameter.
struct in_arena {
  struct promise_type final : basics<in_arena, promise_type> {
    int sum;
    promise_type(arena&, int a, int b) : sum(a + b) {}
    static void* operator new(std::size_t size, arena& from, int, int) { return take(size, from); }
    static void* take(std::size_t size, arena& from) {
      EXPECT_LE(size + 16, sizeof from.bytes);
      ++from.taken;
      auto** const start = reinterpret_cast<arena**>(from.bytes);
      *start = &from;
      return start + 2;
    }
    static void operator delete(void* frame) { ++(static_cast<arena**>(frame)[-2])->given_back; }
    void return_void() noexcept {}
  };
  std::coroutine_handle<promise_type> handle;
};

[[gnu::noinline]] in_arena adds(arena&, int, int) { co_return; }

#if !defined(__clang__) || !defined(TASKLEAK_TESTS_SANITIZED)  // see promises.cpp
TEST_F(Coroutine, WithAFinalPromiseIsMadeFromItsParametersInTheirMemory) {
  arena a;
  const auto c = adds(a, 2, 3);
  EXPECT_EQ(c.handle.promise().sum, 5);
  EXPECT_EQ(a.taken, 1);
  EXPECT_CREATED(c.handle);
  const auto* frame = static_cast<std::byte*>(c.handle.address());
  EXPECT_TRUE(frame >= a.bytes && frame < a.bytes + sizeof a.bytes);
  c.handle.destroy();
  EXPECT_EQ(a.given_back, 1);
}
#endif

struct sized {
  struct promise_type final : basics<sized, promise_type> {
    static inline std::size_t taken = 0;
    static inline std::size_t given_back = 0;
    static void* operator new(std::size_t size) { return std::malloc(taken = size); }
    static void operator delete(void* p, std::size_t size) {
      given_back = size;
      std::free(p);
    }
    void return_void() noexcept {}
  };
  std::coroutine_handle<promise_type> handle;
};

TEST_F(Coroutine, WithAFinalPromiseIsFreedWithTheSizeItTook) {
  const auto make = []() __attribute__((noinline))->sized { co_return; };
  make().handle.destroy();
  EXPECT_NE(sized::promise_type::taken, 0u);
  EXPECT_EQ(sized::promise_type::taken, sized::promise_type::given_back);
}

struct may_be_none {
  struct promise_type final : kinds::promise_or_none<may_be_none, promise_type> {};
  std::coroutine_handle<promise_type> handle;
};

TEST_F(Coroutine, WithAFinalPromiseAndWithoutMemoryIsNotListed) {
  const auto make = []() __attribute__((noinline))->may_be_none { co_return; };
  EXPECT_FALSE(make().handle);
  EXPECT_BORN(0);
  may_be_none::promise_type::has_memory = true;
  const may_be_none c = make();
  ASSERT_TRUE(c.handle);
  EXPECT_CREATED(c.handle);
  c.handle.destroy();
}

struct aligned {
  struct alignas(64) promise_type final : basics<aligned, promise_type> {
    void return_void() noexcept {}
  };
  std::coroutine_handle<promise_type> handle;
};
struct tiny {
  struct promise_type final : basics<tiny, promise_type> {
    char value = 'x';
    void return_void() noexcept {}
  };
  std::coroutine_handle<promise_type> handle;
};

template <class Coro>
void expect_to_find_its_frame(const Coro& c) {
  const auto again = std::coroutine_handle<typename Coro::promise_type>::from_promise(c.handle.promise());
  EXPECT_EQ(again.address(), c.handle.address());
  EXPECT_CREATED(again);
  c.handle.destroy();
}

TEST_F(Coroutine, WithAFinalPromiseIsFoundByItsPromiseWhateverItsAlignment) {
  expect_to_find_its_frame([]() -> aligned { co_return; }());
  expect_to_find_its_frame([]() -> tiny { co_return; }());
}

// ---- left alone: nobody but itself and its friends may destroy it, or call it

struct not_destroyed {
  class promise_type final : public basics<not_destroyed, promise_type> {
   public:
    void return_void() noexcept {}

   private:
    ~promise_type() = default;
    friend struct not_destroyed;
  };
  std::coroutine_handle<promise_type> handle;
  static not_destroyed make() { co_await std::suspend_always(); }
};

struct not_called {
  class promise_type final {
    not_called get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() {}
    friend struct not_called;
  };
  std::coroutine_handle<promise_type> handle;
  static not_called make() { co_await std::suspend_always(); }
};

template <class Coro>
void expect_to_be_left_alone() {
  const auto c = Coro::make();
  EXPECT_NOT_LISTED(c.handle);
  c.handle.resume();
  c.handle.resume();
  EXPECT_TRUE(c.handle.done());
  c.handle.destroy();
}

TEST_F(Coroutine, WithAPromiseThatOnlyFriendsMayUseIsLeftAlone) {
  expect_to_be_left_alone<not_destroyed>();
  expect_to_be_left_alone<not_called>();
}

}  // namespace
