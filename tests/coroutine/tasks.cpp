// SPDX-License-Identifier: MIT
/// \file Coroutine types as libraries have them work as they do untracked, and their coroutines are listed.
#include "kinds.hpp"
#include "watch.hpp"

#include <concepts>
#include <memory>
#include <source_location>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using kinds::eager_task;
using kinds::fire_and_forget;
using kinds::gate;
using kinds::generator;
using kinds::task;

namespace {

unsigned gate_line = 0;
unsigned outer_line = 0;

task<int> passes(gate& g, int result) {
  gate_line = __LINE__ + 1;
  co_await g;
  co_return result;
}

task<int> doubles(gate& g) {
  const int once = co_await passes(g, 21);
  co_return once * 2;
}

task<int> doubles_twice(gate& g) {
  outer_line = __LINE__ + 1;
  const int twice = co_await doubles(g);
  co_return twice * 2;
}

TEST_F(Coroutine, OfALazyTaskIsCreatedThenSuspendedThenFinishedThenGone) {
  gate g;
  {
    const task<int> t = passes(g, 7);
    EXPECT_CREATED(t.handle);
    t.start();
    EXPECT_SUSPENDED_AT(t.handle, gate_line);
    EXPECT_BORN(1);
    g.open();
    EXPECT_FINISHED(t.handle);
    EXPECT_TRUE(t.done());
    EXPECT_EQ(t.take(), 7);
  }
  EXPECT_BORN(0);
}

TEST_F(Coroutine, OfALazyTaskThatIsNeverStartedIsCreated) {
  gate g;
  const task<int> t = passes(g, 7);
  EXPECT_CREATED(t.handle);
  EXPECT_FALSE(t.done());
}

TEST_F(Coroutine, OfAnEagerTaskRunsUntilItsFirstWait) {
  gate g;
  bool began = false;
  const auto t = [](gate& g, bool& began) -> eager_task<std::string> {
    began = true;
    co_await g;
    co_return "through";
  }(g, began);
  EXPECT_TRUE(began);
  EXPECT_SUSPENDED_AT(t.handle, __LINE__ - 4);
  g.open();
  EXPECT_FINISHED(t.handle);
  EXPECT_EQ(t.take(), "through");
}

TEST_F(Coroutine, OfAnEagerTaskThatNeverWaitsIsFinished) {
  const auto t = []() -> eager_task<int> { co_return 1; }();
  EXPECT_FINISHED(t.handle);
  EXPECT_EQ(t.take(), 1);
}

TEST_F(Coroutine, ThatAwaitsAnotherIsSuspendedAtItsOwnCoAwait) {
  gate g;
  const task<int> t = doubles_twice(g);
  t.start();
  EXPECT_BORN(3);
  EXPECT_SUSPENDED_AT(t.handle, outer_line);
  EXPECT_SUSPENDED_AT(g.waiting, gate_line);
  g.open();
  EXPECT_EQ(t.take(), 84);
  EXPECT_BORN(1);
}

TEST_F(Coroutine, ThatIsDestroyedWhileSuspendedIsGoneWithThoseItAwaits) {
  gate g;
  struct note {
    int& deaths;
    ~note() { ++deaths; }
  };
  int deaths = 0;
  {
    const auto t = [](gate& g, int& deaths) -> task<int> {
      const note n{deaths};
      co_return co_await doubles(g);
    }(g, deaths);
    t.start();
    EXPECT_BORN(3);
  }
  EXPECT_EQ(deaths, 1);
  EXPECT_BORN(0);
}

TEST_F(Coroutine, SaysThatItRunsWhileItRuns) {
  std::coroutine_handle<> self;
  const auto t = [](std::coroutine_handle<>& self) -> task<> {
    EXPECT_RUNNING(self);
    co_await std::suspend_never();
    EXPECT_RUNNING(self);
  }(self);
  self = t.handle;
  t.start();
  EXPECT_TRUE(t.done());
}

TEST_F(Coroutine, ThatNobodyOwnsIsListedUntilItEnds) {
  gate g;
  bool ended = false;
  [](gate& g, bool& ended) -> fire_and_forget {
    co_await g;
    ended = true;
  }(g, ended);
  EXPECT_BORN(1);
  EXPECT_SUSPENDED_AT(g.waiting, __LINE__ - 4);
  g.open();
  EXPECT_TRUE(ended);
  EXPECT_BORN(0);
}

TEST_F(Coroutine, HandsOnResultsThatCanOnlyBeMoved) {
  const auto inner = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(5); };
  const auto t = [](auto make) -> task<std::unique_ptr<int>> {
    std::unique_ptr<int> p = co_await make();
    *p += 1;
    co_return p;
  }(inner);
  t.start();
  EXPECT_EQ(*t.take(), 6);
}

TEST_F(Coroutine, PassesAnExceptionToTheOneThatAwaitsIt) {
  gate g;
  const auto fails = [](gate& g) -> task<int> {
    co_await g;
    throw std::runtime_error("inner");
  };
  const auto t = [](auto& fails, gate& g) -> task<std::string> {
    try {
      co_return std::to_string(co_await fails(g));
    } catch (const std::runtime_error& e) {
      co_return e.what();
    }
  }(fails, g);
  t.start();
  g.open();
  EXPECT_EQ(t.take(), "inner");
}

// Without tail calls each transfer takes room on the stack, tracked or not.
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(TASKLEAK_TESTS_SANITIZED)
constexpr int many_transfers = 1'000'000;
#else
constexpr int many_transfers = 500;
#endif

TEST_F(Coroutine, TransfersSymmetricallyWithoutGrowthOfTheStack) {
  const auto t = []() -> task<int> {
    const auto one = []() -> task<int> { co_return 1; };
    int sum = 0;
    for (int i = 0; i < many_transfers; ++i) sum += co_await one();
    co_return sum;
  }();
  t.start();
  EXPECT_EQ(t.take(), many_transfers);
}

generator<int> counts(int upto) {
  for (int i = 0; i < upto; ++i) co_yield i;
}

TEST_F(Coroutine, OfAGeneratorIsSuspendedAtItsCoYield) {
  generator<int> g = counts(2);
  EXPECT_CREATED(g.handle);
  EXPECT_EQ(g.next(), 0);
  EXPECT_SUSPENDED_AT(g.handle, __LINE__ - 7);
  EXPECT_EQ(g.next(), 1);
  EXPECT_EQ(g.next(), std::nullopt);
  EXPECT_FINISHED(g.handle);
}

struct point {
  int x = 0;
  int y = 0;
  bool operator==(const point&) const = default;
};

TEST_F(Coroutine, YieldsWhatBracesMake) {
  auto g = []() -> generator<point> {
    co_yield {1, 2};
    co_yield {};
    co_yield {.x = 3, .y = 4};
    co_yield point{5, 6};
  }();
  EXPECT_EQ(g.next(), (point{1, 2}));
  EXPECT_SUSPENDED_AT(g.handle, __LINE__ - 6);
  EXPECT_EQ(g.next(), point());
  EXPECT_EQ(g.next(), (point{3, 4}));
  EXPECT_EQ(g.next(), (point{5, 6}));
  EXPECT_SUSPENDED_AT(g.handle, __LINE__ - 7);
  EXPECT_EQ(g.next(), std::nullopt);
}

TEST_F(Coroutine, YieldsListsAndWhatConvertsToTheValue) {
  auto g = []() -> generator<std::vector<int>> {
#if !defined(__GNUC__) || defined(__clang__) || __GNUC__ > 12  // GCC 12 cannot compile it: "array used as initializer"
    co_yield {1, 2, 3};
#else
    std::vector<int> listed = {1, 2, 3};
    co_yield listed;
#endif
    std::vector<int> kept = {4};
    co_yield kept;
    co_yield std::move(kept);
  }();
  EXPECT_EQ(g.next(), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(g.next(), (std::vector<int>{4}));
  EXPECT_EQ(g.next(), (std::vector<int>{4}));
  EXPECT_EQ(g.next(), std::nullopt);

  auto texts = []() -> generator<std::string> {
    co_yield "a literal";
    co_yield {"xxxx", 3};
  }();
  EXPECT_EQ(texts.next(), "a literal");
  EXPECT_EQ(texts.next(), "xxx");
}

TEST_F(Coroutine, YieldsWhatCanOnlyBeMoved) {
  auto g = []() -> generator<std::unique_ptr<int>> { co_yield std::make_unique<int>(3); }();
  EXPECT_EQ(**g.next(), 3);
}

/// By reference, without a copy; an exception leaves through resume().
template <class Reference>
struct lent {
  struct promise_type {
    std::remove_reference_t<Reference>* value = nullptr;
    lent get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(Reference v) noexcept {
      value = std::addressof(v);
      return {};
    }
    void return_void() {}
    void unhandled_exception() { throw; }
  };
  std::coroutine_handle<promise_type> handle;
};

TEST_F(Coroutine, LendsTheVeryObjectThatItYields) {
  int mine = 1;
  const auto g = [](int& mine) -> lent<int&> {
    co_yield mine;
    throw std::runtime_error("after one");
  }(mine);
  g.handle.resume();
  EXPECT_EQ(g.handle.promise().value, &mine);
  EXPECT_THROW(g.handle.resume(), std::runtime_error);
  EXPECT_TRUE(g.handle.done());
  EXPECT_FINISHED(g.handle);
  g.handle.destroy();
}

TEST_F(Coroutine, LendsConstReferencesAndTemporaries) {
  static const std::string mine = "mine";
  const auto g = []() -> lent<const std::string&> {
    co_yield mine;
    co_yield "a temporary";
    co_yield {"yyyy", 2};
  }();
  g.handle.resume();
  EXPECT_EQ(g.handle.promise().value, &mine);
  g.handle.resume();
  EXPECT_EQ(*g.handle.promise().value, "a temporary");
  EXPECT_SUSPENDED_AT(g.handle, __LINE__ - 7);
  g.handle.resume();
  EXPECT_EQ(*g.handle.promise().value, "yy");
  g.handle.destroy();
}

TEST_F(Coroutine, LendsXvalues) {
  const auto g = []() -> lent<std::string&&> {
    std::string s = "s";
    co_yield std::move(s);
    co_yield "t";
  }();
  g.handle.resume();
  EXPECT_EQ(*g.handle.promise().value, "s");
  g.handle.resume();
  EXPECT_EQ(*g.handle.promise().value, "t");
  g.handle.destroy();
}

/// yield_value() as std::generator has it: overloaded, one a template, and one for other generators.
struct overloads {
  struct promise_type {
    std::vector<std::string> log;
    overloads get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(const int&) {
      log.emplace_back("const int&");
      return {};
    }
    std::suspend_always yield_value(int&&) {
      log.emplace_back("int&&");
      return {};
    }
    template <class T>
    std::suspend_never yield_value(std::vector<T> all) {
      log.emplace_back("vector of " + std::to_string(all.size()));
      return {};
    }
    std::suspend_never yield_value(point p) {
      log.emplace_back("point " + std::to_string(p.x));
      return {};
    }
    void return_void() {}
    void unhandled_exception() { throw; }
  };
  std::coroutine_handle<promise_type> handle;
};

TEST_F(Coroutine, ChoosesTheOverloadOfYieldValueAsItDoesUntracked) {
  const auto g = []() -> overloads {
    const int c = 1;
    co_yield c;
    co_yield 2;
    co_yield std::vector<int>(3);
    co_yield point{7, 8};
  }();
  while (!g.handle.done()) g.handle.resume();
  EXPECT_EQ(g.handle.promise().log, (std::vector<std::string>{"const int&", "int&&", "vector of 3", "point 7"}));
  EXPECT_FINISHED(g.handle);
  g.handle.destroy();
}

/// A yield_value() that takes whatever converts, as the generator of many an introduction does.
struct converts {
  struct promise_type {
    std::string value;
    converts get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    template <std::convertible_to<std::string> From>
    std::suspend_always yield_value(From&& from) {
      value = std::forward<From>(from);
      return {};
    }
    void return_void() {}
    void unhandled_exception() { throw; }
  };
  std::coroutine_handle<promise_type> handle;
};

TEST_F(Coroutine, YieldsThroughATemplate) {
  const auto g = []() -> converts {
    co_yield "a literal";
    std::string kept = "kept";
    co_yield kept;
    co_yield std::move(kept);
  }();
  g.handle.resume();
  EXPECT_EQ(g.handle.promise().value, "a literal");
  EXPECT_SUSPENDED_AT(g.handle, __LINE__ - 7);
  g.handle.resume();
  EXPECT_EQ(g.handle.promise().value, "kept");
  g.handle.resume();
  EXPECT_SUSPENDED_AT(g.handle, __LINE__ - 8);
  EXPECT_EQ(g.handle.promise().value, "kept");
  g.handle.destroy();
}

/// Keeps the address of what is yielded, by one function for lvalues and one for the rest.
template <class T>
struct lends_any {
  struct promise_type {
    const T* value = nullptr;
    char through = ' ';
    lends_any get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(const T& v) noexcept { return keep(v, 'c'); }
    std::suspend_always yield_value(T&& v) noexcept { return keep(v, 'r'); }
    std::suspend_never yield_value(lends_any&&) noexcept { return through = 'g', std::suspend_never(); }
    std::suspend_always keep(const T& v, char c) {
      value = std::addressof(v);
      through = c;
      return {};
    }
    void return_void() {}
    void unhandled_exception() { throw; }
  };
  const T& next() const {
    handle.resume();
    return *handle.promise().value;
  }
  std::coroutine_handle<promise_type> handle;
};

TEST_F(Coroutine, KeepsWhatAYieldedValueIsConvertedToUntilItIsResumed) {
  static const std::string mine = "a string that no small buffer holds";
  const auto g = []() -> lends_any<std::string> {
    co_yield mine;
    co_yield "a literal that no small buffer holds";
    co_yield {"braces that no small buffer holds", 6};
    co_yield lends_any<std::string>();
    co_yield std::string("last");
  }();
  EXPECT_EQ(&g.next(), &mine);
  EXPECT_EQ(g.handle.promise().through, 'c');
  EXPECT_EQ(g.next(), "a literal that no small buffer holds");
  EXPECT_EQ(g.handle.promise().through, 'r');
  EXPECT_SUSPENDED_AT(g.handle, __LINE__ - 9);
  EXPECT_EQ(g.next(), "braces");
  EXPECT_SUSPENDED_AT(g.handle, __LINE__ - 10);
  EXPECT_EQ(g.next(), "last");
  g.handle.destroy();

  const auto numbers = []() -> lends_any<double> {
    co_yield 1;
    co_yield 2.5f;
  }();
  EXPECT_EQ(numbers.next(), 1.0);
  EXPECT_EQ(numbers.next(), 2.5);
  numbers.handle.destroy();
}

/// One of the functions is a template, and none of them says what the elements are but the type's own argument.
template <class T>
struct lends_by_template {
  struct promise_type {
    std::remove_reference_t<T>* value = nullptr;
    lends_by_template get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    template <class U = T, std::enable_if_t<!std::is_rvalue_reference_v<U>, int> = 0>
    std::suspend_always yield_value(std::remove_reference_t<T>& v) noexcept {
      value = std::addressof(v);
      return {};
    }
    std::suspend_always yield_value(std::remove_reference_t<T>&& v) noexcept {
      value = std::addressof(v);
      return {};
    }
    void return_void() {}
    void unhandled_exception() { throw; }
  };
  T& next() const {
    handle.resume();
    return *handle.promise().value;
  }
  std::coroutine_handle<promise_type> handle;
};

TEST_F(Coroutine, KnowsTheElementsByTheArgumentOfItsType) {
  static std::string mine = "mine";
  const auto g = []() -> lends_by_template<std::string> {
    co_yield mine;
    co_yield "a literal that no small buffer holds";
    co_yield {"braces", 5};
  }();
  EXPECT_EQ(&g.next(), &mine);
  EXPECT_EQ(g.next(), "a literal that no small buffer holds");
  EXPECT_EQ(g.next(), "brace");
  EXPECT_SUSPENDED_AT(g.handle, __LINE__ - 5);
  g.handle.destroy();

  static const double fixed = 0.5;
  const auto constants = []() -> lends_by_template<const double> {
    co_yield fixed;
    co_yield 7;
  }();
  EXPECT_EQ(&constants.next(), &fixed);
  EXPECT_EQ(constants.next(), 7.0);
  constants.handle.destroy();
}

/// As std::generator has it: what cannot be copied is yielded by one function only, and the other one's body would not compile.
template <class Reference>
struct stream_values {
  using yielded = std::conditional_t<std::is_reference_v<Reference>, Reference, Reference&&>;
  using element = std::remove_cvref_t<Reference>;
  std::add_pointer_t<yielded> value = nullptr;
  std::unique_ptr<element> copy;
  char through = ' ';
  std::suspend_always initial_suspend() noexcept { return {}; }
  std::suspend_always final_suspend() noexcept { return {}; }
  std::suspend_always yield_value(yielded v) noexcept {
    value = std::addressof(v);
    through = 'r';
    return {};
  }
  auto yield_value(const std::remove_reference_t<yielded>& v) requires(
      std::is_rvalue_reference_v<yielded>&& std::copy_constructible<element>) {
    copy = std::make_unique<element>(v);
    value = copy.get();
    through = 'c';
    return std::suspend_always();
  }
  void return_void() {}
  void unhandled_exception() { throw; }
};

template <class Reference>
struct stream_without_template {
  struct promise_type : stream_values<Reference> {
    stream_without_template get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
  };
  std::coroutine_handle<promise_type> handle;
};

template <class Reference>
struct stream {
  struct promise_type : stream_values<Reference> {
    using stream_values<Reference>::yield_value;
    stream get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    template <class Other>
    auto yield_value(stream<Other> other) {
      other.handle.destroy();
      this->through = 't';
      return std::suspend_always();
    }
  };
  std::coroutine_handle<promise_type> handle;
};

template <class Stream>
auto& next_of(const Stream& s) {
  s.handle.resume();
  return *s.handle.promise().value;
}

template <template <class> class Stream>
void expect_to_yield_what_can_only_be_moved() {
  static const void* mine = nullptr;
  const auto g = []() -> Stream<std::unique_ptr<int>> {
    co_yield std::make_unique<int>(7);
    auto kept = std::make_unique<int>(8);
    mine = &kept;
    co_yield std::move(kept);
    co_yield {};
  }();
  EXPECT_EQ(*next_of(g), 7);
  EXPECT_SUSPENDED_AT(g.handle, __LINE__ - 7);
  EXPECT_EQ(&next_of(g), mine);
  EXPECT_FALSE(next_of(g));
  EXPECT_SUSPENDED_AT(g.handle, __LINE__ - 6);
  EXPECT_EQ(g.handle.promise().through, 'r');
  g.handle.destroy();
}

template <template <class> class Stream>
void expect_to_yield_copies_of_lvalues_only() {
  static std::string mine = "a string that no small buffer holds";
  const auto g = []() -> Stream<std::string> {
    co_yield mine;
    co_yield std::move(mine);
    co_yield "a literal that no small buffer holds";
    co_yield {"braces that no small buffer holds", 6};
    co_yield std::as_const(mine);
  }();
  EXPECT_EQ(next_of(g), mine);
  EXPECT_NE(g.handle.promise().value, &mine);
  EXPECT_EQ(g.handle.promise().through, 'c');
  EXPECT_EQ(&next_of(g), &mine);
  EXPECT_EQ(g.handle.promise().through, 'r');
  EXPECT_EQ(next_of(g), "a literal that no small buffer holds");
  EXPECT_EQ(g.handle.promise().through, 'r');
  EXPECT_EQ(next_of(g), "braces");
  EXPECT_EQ(g.handle.promise().through, 'r');
  EXPECT_SUSPENDED_AT(g.handle, __LINE__ - 12);
  EXPECT_EQ(next_of(g), mine);
  EXPECT_EQ(g.handle.promise().through, 'c');
  g.handle.destroy();
}

template <template <class> class Stream>
void expect_to_lend_references() {
  static int number = 1;
  const auto numbers = []() -> Stream<int&> { co_yield number; }();
  EXPECT_EQ(&next_of(numbers), &number);
  numbers.handle.destroy();

  static auto owner = std::make_unique<int>(2);
  const auto owners = []() -> Stream<const std::unique_ptr<int>&> {
    co_yield owner;
    co_yield std::make_unique<int>(3);
    co_yield {};
  }();
  EXPECT_EQ(&next_of(owners), &owner);
  EXPECT_EQ(*next_of(owners), 3);
  EXPECT_SUSPENDED_AT(owners.handle, __LINE__ - 5);
  EXPECT_FALSE(next_of(owners));
  owners.handle.destroy();

  const auto texts = []() -> Stream<const std::string&> {
    co_yield "a literal that no small buffer holds";
    co_yield {"braces that no small buffer holds", 6};
  }();
  EXPECT_EQ(next_of(texts), "a literal that no small buffer holds");
  EXPECT_EQ(next_of(texts), "braces");
  texts.handle.destroy();
}

TEST_F(Coroutine, YieldsWhatCanOnlyBeMovedBesideAFunctionThatCopies) {
  expect_to_yield_what_can_only_be_moved<stream>();
  expect_to_yield_what_can_only_be_moved<stream_without_template>();
}

TEST_F(Coroutine, YieldsCopiesByTheFunctionThatCopiesAndElseTheVeryObject) {
  expect_to_yield_copies_of_lvalues_only<stream>();
  expect_to_yield_copies_of_lvalues_only<stream_without_template>();
}

TEST_F(Coroutine, LendsReferencesBesideAFunctionThatCopies) {
  expect_to_lend_references<stream>();
  expect_to_lend_references<stream_without_template>();
}

TEST_F(Coroutine, YieldsOthersThroughATemplateBesideAFunctionThatCopies) {
  const auto g = []() -> stream<std::unique_ptr<int>> { co_yield []() -> stream<int> { co_return; }(); }();
  g.handle.resume();
  EXPECT_EQ(g.handle.promise().through, 't');
  EXPECT_SUSPENDED_AT(g.handle, __LINE__ - 3);
  g.handle.destroy();
}

/// Asks for the place of a co_yield itself.
struct yields_place {
  struct promise_type {
    unsigned line = 0;
    yields_place get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(int, std::source_location where = std::source_location::current()) {
      line = where.line();
      return {};
    }
    void return_void() {}
    void unhandled_exception() { throw; }
  };
  std::coroutine_handle<promise_type> handle;
};

TEST_F(Coroutine, TellsAYieldValueThatAsksTheTruePlace) {
  const auto g = []() -> yields_place { co_yield 1; }();
  EXPECT_EQ(g.handle.promise().line, static_cast<unsigned>(__LINE__ - 1));
  EXPECT_SUSPENDED_AT(g.handle, __LINE__ - 2);
  g.handle.destroy();
}

/// Yields those of others as its own: the innermost is resumed, whoever is asked.
class tree_walk {
 public:
  struct promise_type {
    promise_type* root = this;
    promise_type* parent = nullptr;
    promise_type* leaf = this;
    int value = 0;

    tree_walk get_return_object() { return tree_walk(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept {
      struct awaiter {
        bool await_ready() noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> h) noexcept {
          promise_type& p = h.promise();
          if (!p.parent) return std::noop_coroutine();
          p.root->leaf = p.parent;
          return std::coroutine_handle<promise_type>::from_promise(*p.parent);
        }
        void await_resume() noexcept {}
      };
      return awaiter{};
    }
    std::suspend_always yield_value(int v) noexcept {
      root->value = v;
      return {};
    }
    auto yield_value(tree_walk&& inner) noexcept {
      struct awaiter {
        std::coroutine_handle<promise_type> inner;
        bool await_ready() noexcept { return inner.done(); }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> outer) noexcept {
          promise_type& p = inner.promise();
          p.parent = &outer.promise();
          p.root = outer.promise().root;
          p.root->leaf = &p;
          return inner;
        }
        void await_resume() noexcept {}
      };
      return awaiter{inner.handle};
    }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };

  tree_walk(tree_walk&& other) noexcept : handle(std::exchange(other.handle, {})) {}
  ~tree_walk() {
    if (handle) handle.destroy();
  }
  bool next() {
    std::coroutine_handle<promise_type>::from_promise(*handle.promise().leaf).resume();
    return !handle.done();
  }
  int value() const { return handle.promise().value; }

  std::coroutine_handle<promise_type> handle;

 private:
  explicit tree_walk(std::coroutine_handle<promise_type> h) : handle(h) {}
};

tree_walk walk(int from, int to) {
  if (from >= to) co_return;
  const int middle = from + (to - from) / 2;
  co_yield walk(from, middle);
  co_yield middle;
  co_yield walk(middle + 1, to);
}

TEST_F(Coroutine, OfARecursiveGeneratorYieldsInOrder) {
  tree_walk w = walk(0, 15);
  std::vector<int> all;
  while (w.next()) all.push_back(w.value());
  ASSERT_EQ(all.size(), 15u);
  for (int i = 0; i < 15; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)], i);
  EXPECT_BORN(1);
}

TEST_F(Coroutine, OfARecursiveGeneratorIsListedWithThoseWithinIt) {
  tree_walk w = walk(0, 15);
  EXPECT_TRUE(w.next());
  EXPECT_BORN(4);
}

}  // namespace
