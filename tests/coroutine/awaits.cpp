// SPDX-License-Identifier: MIT
/// \file What can stand behind co_await, and what a promise can make of it, means the same tracked and untracked.
#include "kinds.hpp"
#include "watch.hpp"

#include <any>
#include <chrono>
#include <source_location>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

using kinds::task;

/// As programs write it: for a type of the standard library, found where the co_await stands and not by its arguments.
struct ticks_awaiter {
  long ticks;
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<>) const noexcept { return false; }
  long await_resume() const noexcept { return ticks; }
};
ticks_awaiter operator co_await(std::chrono::milliseconds d) { return {d.count()}; }

namespace {

/// Each says which of its functions was called, and how.
struct ready {
  int value = 0;
  bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  int await_resume() const noexcept { return value; }
};

int add(int a, int b) { return a + b; }

template <class Await>
auto run(Await await) {
  const auto t = await();
  t.start();
  EXPECT_TRUE(t.done());
  return t.take();
}

// ---- awaiters

struct pinned {
  std::coroutine_handle<>& waiting;
  const pinned* const made_at = this;
  explicit pinned(std::coroutine_handle<>& w) : waiting(w) {}
  pinned(const pinned&) = delete;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) noexcept { waiting = h; }
  bool await_resume() const noexcept { return made_at == this; }
};

TEST_F(Coroutine, AwaitsATemporaryThatCannotBeMoved) {
  std::coroutine_handle<> waiting;
  const auto t = [](std::coroutine_handle<>& waiting) -> task<bool> { co_return co_await pinned(waiting); }(waiting);
  t.start();
  EXPECT_SUSPENDED_AT(t.handle, __LINE__ - 2);
  waiting.resume();
  EXPECT_TRUE(t.take());
}

TEST_F(Coroutine, AwaitsTheVeryObjectOfAnLvalue) {
  std::coroutine_handle<> waiting;
  pinned p(waiting);
  const auto t = [](pinned& p) -> task<bool> { co_return co_await p; }(p);
  t.start();
  EXPECT_EQ(waiting.address(), t.handle.address());
  waiting.resume();
  EXPECT_TRUE(t.take());
}

struct counts_calls {
  int ready = 0, suspended = 0, resumed = 0;
  bool await_ready() noexcept { return ++ready, false; }
  bool await_suspend(std::coroutine_handle<>) noexcept { return ++suspended, false; }
  int await_resume() noexcept { return ++resumed; }
};

TEST_F(Coroutine, CallsEachFunctionOfAnAwaiterOnce) {
  counts_calls calls;
  // by a parameter: GCC 12 awaits a copy of what a lambda captured
  EXPECT_EQ(run([&] { return [](counts_calls& c) -> task<int> { co_return co_await c; }(calls); }), 1);
  EXPECT_EQ(calls.ready, 1);
  EXPECT_EQ(calls.suspended, 1);
  EXPECT_EQ(calls.resumed, 1);
}

struct by_const_and_not {
  bool await_ready() noexcept { return true; }
  bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  std::string await_resume() noexcept { return "mutable"; }
  std::string await_resume() const noexcept { return "const"; }
};

TEST_F(Coroutine, KeepsTheConstnessOfAnAwaiter) {
  const by_const_and_not constant;
  by_const_and_not other;
  EXPECT_EQ(run([&]() -> task<std::string> { co_return co_await constant; }), "const");
  EXPECT_EQ(run([&]() -> task<std::string> { co_return co_await other; }), "mutable");
  EXPECT_EQ(run([&]() -> task<std::string> { co_return co_await by_const_and_not(); }), "mutable");
}

template <class Result>
struct suspends_by {
  Result result;
  bool resumed = false;
  bool await_ready() const noexcept { return false; }
  Result await_suspend(std::coroutine_handle<>) const noexcept { return static_cast<Result>(result); }
  void await_resume() noexcept { resumed = true; }
};

TEST_F(Coroutine, IsSuspendedOrNotAsAwaitSuspendSays) {
  suspends_by<bool> yes{true};
  const auto waits = [](auto& a) -> task<> { co_await a; };
  const auto t = waits(yes);
  t.start();
  EXPECT_FALSE(yes.resumed);
  EXPECT_SUSPENDED_AT(t.handle, __LINE__ - 4);
  suspends_by<bool> no{false};
  const auto u = waits(no);
  u.start();
  EXPECT_TRUE(no.resumed);
  EXPECT_FINISHED(u.handle);
}

TEST_F(Coroutine, IsSuspendedWhileAnotherIsResumedByTransfer) {
  kinds::gate g;
  const auto other = [](kinds::gate& g) -> task<> { co_await g; }(g);
  const auto t = [](std::coroutine_handle<> other) -> task<> {
    co_await suspends_by<std::coroutine_handle<>>{other};
  }(other.handle);
  t.start();
  EXPECT_SUSPENDED_AT(t.handle, __LINE__ - 3);
  EXPECT_EQ(g.waiting.address(), other.handle.address());
  EXPECT_SUSPENDED_AT(other.handle, __LINE__ - 7);
}

TEST_F(Coroutine, TransfersToAHandleOfAnotherTypeAndToNone) {
  const auto other = []() -> task<int> { co_return 3; }();
  using handle = std::coroutine_handle<task<int>::promise_type>;
  const auto t = [](handle h) -> task<> { co_await suspends_by<handle>{h}; }(other.handle);
  t.start();
  EXPECT_TRUE(other.done());
  const auto u = []() -> task<> { co_await suspends_by<std::noop_coroutine_handle>{std::noop_coroutine()}; }();
  u.start();
  EXPECT_SUSPENDED_AT(u.handle, __LINE__ - 2);
}

struct truthy {
  bool value;
  explicit operator bool() const noexcept { return value; }
  truthy(bool v) : value(v) {}
  truthy(const truthy&) = delete;
};
struct says_truthy {
  truthy await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  std::string await_resume() const noexcept { return "ready"; }
};

TEST_F(Coroutine, TakesWhatConvertsToBoolForAwaitReady) {
  EXPECT_EQ(run([]() -> task<std::string> { co_return co_await says_truthy(); }), "ready");
}

/// Takes the handle of one promise type only, or looks into any.
struct wants_promise {
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<task<int>::promise_type> h) noexcept {
    promise = &h.promise();
    return false;
  }
  int await_resume() const noexcept { return 0; }
  task<int>::promise_type* promise = nullptr;
};
struct takes_any_handle {
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise>) noexcept {
    is_own = std::is_same_v<Promise, task<int>::promise_type>;
    return false;
  }
  bool await_resume() const noexcept { return is_own; }
  bool is_own = false;
};

TEST_F(Coroutine, IsHandedOnAsAHandleOfItsAuthorsPromise) {
  wants_promise a;
  const auto t = [](wants_promise& a) -> task<int> { co_return co_await a; }(a);
  t.start();
  EXPECT_EQ(a.promise, &t.handle.promise());
  EXPECT_EQ(run([]() -> task<int> { co_return co_await takes_any_handle(); }), 1);
}

struct result_kinds {
  int& object;
  bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  int& await_resume() const noexcept { return object; }
};
struct xvalue_result {
  std::string& object;
  bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  std::string&& await_resume() const noexcept { return std::move(object); }
};
struct unmovable {
  int value;
  explicit unmovable(int v) : value(v) {}
  unmovable(const unmovable&) = delete;
};
struct unmovable_result {
  bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  unmovable await_resume() const { return unmovable(4); }
};

TEST_F(Coroutine, GetsReferencesAndUnmovableObjectsAsResults) {
  int number = 1;
  std::string text = "text";
  const int sum = run([&]() -> task<int> {
    static_assert(std::is_same_v<decltype(std::declval<result_kinds&>().await_resume()), int&>);
    int& same = co_await result_kinds{number};
    EXPECT_EQ(&same, &number);
    std::string&& moved = co_await xvalue_result{text};
    EXPECT_EQ(&moved, &text);
    unmovable made = co_await unmovable_result();
    (co_await result_kinds{number}) = 9;
    co_return made.value;
  });
  EXPECT_EQ(sum, 4);
  EXPECT_EQ(number, 9);
}

class private_awaiter {
  friend struct friend_of_awaiter;
  bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  int await_resume() const noexcept { return 11; }
};
struct friend_of_awaiter {
  static task<int> waits() { co_return co_await private_awaiter(); }
};

TEST_F(Coroutine, AwaitsWhatOnlyItMayAwait) { EXPECT_EQ(run(friend_of_awaiter::waits), 11); }

// ---- operator co_await

struct with_members {
  ready operator co_await() & { return {1}; }
  ready operator co_await() const& { return {2}; }
  ready operator co_await() && { return {3}; }
};

TEST_F(Coroutine, ChoosesTheMemberOperatorByTheValueCategory) {
  with_members lvalue;
  const with_members constant;
  EXPECT_EQ(run([&]() -> task<int> { co_return co_await lvalue; }), 1);
  EXPECT_EQ(run([&]() -> task<int> { co_return co_await constant; }), 2);
  EXPECT_EQ(run([&]() -> task<int> { co_return co_await std::move(lvalue); }), 3);
  EXPECT_EQ(run([&]() -> task<int> { co_return co_await with_members(); }), 3);
}

namespace elsewhere {
struct with_free {};
ready operator co_await(with_free&) { return {4}; }
ready operator co_await(const with_free&) { return {5}; }
ready operator co_await(with_free&&) { return {6}; }
}  // namespace elsewhere
using elsewhere::with_free;

TEST_F(Coroutine, ChoosesTheFreeOperatorByTheValueCategory) {
  with_free lvalue;
  const with_free constant;
  EXPECT_EQ(run([&]() -> task<int> { co_return co_await lvalue; }), 4);
  EXPECT_EQ(run([&]() -> task<int> { co_return co_await constant; }), 5);
  EXPECT_EQ(run([&]() -> task<int> { co_return co_await with_free(); }), 6);
}

TEST_F(Coroutine, FindsAnOperatorThatNoArgumentLeadsTo) {
  EXPECT_EQ(run([]() -> task<int> { co_return static_cast<int>(co_await std::chrono::milliseconds(250)); }), 250);
}

struct lends_awaiter {
  ready& lent;
  ready& operator co_await() const { return lent; }
};
struct pinned_by_operator {
  std::coroutine_handle<>& waiting;
  pinned operator co_await() const { return pinned(waiting); }
};

TEST_F(Coroutine, TakesAReferenceOrAnUnmovableAwaiterFromTheOperator) {
  ready r{8};
  EXPECT_EQ(run([&]() -> task<int> { co_return co_await lends_awaiter{r}; }), 8);
  std::coroutine_handle<> waiting;
  const auto t = [](std::coroutine_handle<>& waiting) -> task<bool> { co_return co_await pinned_by_operator{waiting}; }(waiting);
  t.start();
  waiting.resume();
  EXPECT_TRUE(t.take());
}

// ---- what lives how long, and what is done in which order

struct logs_life {
  std::vector<std::string>& log;
  const char* name;
  logs_life(std::vector<std::string>& l, const char* n) : log(l), name(n) { log.push_back(std::string("+") + name); }
  logs_life(const logs_life&) = delete;
  ~logs_life() { log.push_back(std::string("-") + name); }
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<>) const {
    log.push_back(std::string("s") + name);
    return false;
  }
  int await_resume() const {
    log.push_back(std::string("r") + name);
    return 1;
  }
};

TEST_F(Coroutine, EndsTemporariesWithTheFullExpression) {
  std::vector<std::string> log;
  const int sum = run([&]() -> task<int> {
    const int first = add(co_await logs_life(log, "a"), 0);
    log.emplace_back("next");
    co_return first + co_await logs_life(log, "b");
  });
  EXPECT_EQ(sum, 2);
  EXPECT_EQ(log, (std::vector<std::string>{"+a", "sa", "ra", "-a", "next", "+b", "sb", "rb", "-b"}));
}

struct makes_logged {
  logs_life lasting;
  explicit makes_logged(std::vector<std::string>& log) : lasting(log, "awaited") {}
  logs_life operator co_await() && { return logs_life(lasting.log, "awaiter"); }
};

TEST_F(Coroutine, KeepsWhatIsAwaitedAsLongAsItsAwaiter) {
  std::vector<std::string> log;
  run([&]() -> task<int> { co_return co_await makes_logged(log); });
  EXPECT_EQ(log, (std::vector<std::string>{"+awaited", "+awaiter", "sawaiter", "rawaiter", "-awaiter", "-awaited"}));
}

/// Its first and its last awaiter are elsewhere: one is a member of the promise, to the other an operator leads. (They may be
/// copied: GCC 12 awaits a copy of what initial_suspend() returns a reference to.)
struct suspends_elsewhere {
  struct promise_type {
    struct logs {
      std::string* log;
      bool await_ready() noexcept { return *log += 'r', false; }
      void await_suspend(std::coroutine_handle<promise_type>) noexcept { *log += 's'; }
      void await_resume() noexcept { *log += 'e'; }
    };
    struct leads_to {
      logs& end;
      logs& operator co_await() const noexcept { return end; }
    };
    std::string at_start, at_end;
    logs start{&at_start}, end{&at_end};
    suspends_elsewhere get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    logs& initial_suspend() noexcept { return start; }
    leads_to final_suspend() noexcept { return {end}; }
    void return_void() {}
    void unhandled_exception() {}
  };
  std::coroutine_handle<promise_type> handle;
};

TEST_F(Coroutine, SuspendsAtItsStartAndAtItsEndWithAwaitersThatAreElsewhere) {
  const auto c = []() -> suspends_elsewhere { co_await std::suspend_always(); }();
  const auto& promise = c.handle.promise();
  EXPECT_EQ(promise.at_start, "rs");
  EXPECT_CREATED(c.handle);
  c.handle.resume();
  EXPECT_EQ(promise.at_start, "rse");
  EXPECT_SUSPENDED_AT(c.handle, __LINE__ - 6);
  c.handle.resume();
  EXPECT_EQ(promise.at_end, "rs");
  EXPECT_FINISHED(c.handle);
  c.handle.destroy();
}

// ---- where a co_await can stand

TEST_F(Coroutine, AwaitsInArgumentsConditionsAndLoops) {
  EXPECT_EQ(run([]() -> task<int> {
              int sum = add(co_await ready{1}, co_await ready{2});
              if (co_await ready{0}) sum = -1;
              while (sum < co_await ready{5}) sum += co_await ready{1};
              for (int i = co_await ready{0}; i < co_await ready{2}; i += co_await ready{1}) ++sum;
              switch (co_await ready{3}) {
                case 3: sum += 10; break;
                default: sum = -1;
              }
              const bool both = co_await ready{1} && co_await ready{1};
              co_return both ? sum + co_await ready{100} : co_await ready{0};
            }),
            117);
}

TEST_F(Coroutine, AwaitsTheResultOfAnAwait) {
  const auto inner = []() -> task<ready> { co_return ready{6}; };
  EXPECT_EQ(run([&]() -> task<int> { co_return co_await co_await inner(); }), 6);
}

TEST_F(Coroutine, IsMadeInADefaultArgumentAndInALambdaOfAnotherCoroutine) {
  const auto with_default = [](task<int> t = []() -> task<int> { co_return co_await ready{7}; }()) -> task<int> {
    co_return co_await t;
  };
  EXPECT_EQ(run([&]() -> task<int> {
              const auto nested = [&](int by) -> task<int> {
                const auto innermost = [=]() -> task<int> { co_return co_await ready{by}; };
                co_return co_await innermost() + co_await with_default();
              };
              co_return co_await nested(30);
            }),
            37);
}

template <class T>
task<T> generic(T value) {
  co_return co_await ready{static_cast<int>(value)};
}

TEST_F(Coroutine, OfAFunctionTemplateIsSuspendedAtItsLine) {
  EXPECT_EQ(run([] { return generic<long>(3); }), 3);
  kinds::gate g;
  const auto t = []<class T>(T& g) -> task<> { co_await g; }(g);
  t.start();
  EXPECT_SUSPENDED_AT(t.handle, __LINE__ - 2);
}

#define AWAIT_TWICE(g) (co_await (g), co_await (g))

TEST_F(Coroutine, OfAMacroIsSuspendedWhereTheMacroIsUsed) {
  kinds::gate g;
  const auto t = [](kinds::gate& g) -> task<> { AWAIT_TWICE(g); }(g);
  t.start();
  EXPECT_SUSPENDED_AT(t.handle, __LINE__ - 2);
}

// ---- await_transform

template <class Promise>
struct with_promise {
  struct promise_type : Promise {
    std::vector<std::string> log;
    with_promise get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { throw; }
  };
  with_promise(std::coroutine_handle<promise_type> h) : handle(h) {}
  with_promise(with_promise&& other) noexcept : handle(std::exchange(other.handle, {})) {}
  ~with_promise() {
    if (handle) handle.destroy();
  }
  std::coroutine_handle<promise_type> handle;
};

struct other_type {};

struct set_of_transforms {
  ready await_transform(int& v) { return {v + 1}; }
  ready await_transform(const int& v) { return {v + 10}; }
  ready await_transform(int&& v) { return {v + 100}; }
  ready await_transform(const char* text) { return {text[0]}; }
  ready await_transform(int (*function)()) { return {function()}; }
  template <class T>
  ready await_transform(std::vector<T> all) {
    return {static_cast<int>(all.size())};
  }
  template <class T>
  T& await_transform(T& awaiter) requires std::is_same_v<T, ready> {
    return awaiter;
  }
  ready await_transform(other_type) = delete;
};

int forty() { return 40; }

TEST_F(Coroutine, ChoosesAmongTheTransformsAsItDoesUntracked) {
  std::vector<int> results;
  [](std::vector<int>& results) -> with_promise<set_of_transforms> {
    int mine = 1;
    const int constant = 1;
    ready r{77};
    results.push_back(co_await mine);
    results.push_back(co_await constant);
    results.push_back(co_await 1);
    results.push_back(co_await "A");
    results.push_back(co_await forty);
    results.push_back(co_await std::vector<int>(3));
    results.push_back(co_await r);
  }(results);
  EXPECT_EQ(results, (std::vector<int>{2, 11, 101, 'A', 40, 3, 77}));
}

struct pins {
  std::coroutine_handle<> waiting;
  pinned await_transform(int) { return pinned(waiting); }
  ready& await_transform(ready& r) { return r; }
  ready&& await_transform(ready&& r) { return std::move(r); }
  with_members await_transform(const char*) { return {}; }
};

TEST_F(Coroutine, TakesWhatATransformReturnsInEveryValueCategory) {
  std::vector<int> results;
  const auto t = [](std::vector<int>& results) -> with_promise<pins> {
    ready r{5};
    results.push_back(co_await r);
    results.push_back(co_await ready{6});
    results.push_back(co_await "with_members");
    results.push_back(co_await 1);
  }(results);
  EXPECT_EQ(results, (std::vector<int>{5, 6, 3}));
  EXPECT_SUSPENDED_AT(t.handle, __LINE__ - 3);
  t.handle.promise().waiting.resume();
  EXPECT_EQ(results.back(), 1);
}

/// Wants to know the place itself.
struct takes_place {
  unsigned line = 0;
  template <class A>
  A&& await_transform(A&& a, std::source_location where = std::source_location::current()) {
    line = where.line();
    return static_cast<A&&>(a);
  }
};

TEST_F(Coroutine, TellsATransformThatAsksTheTruePlace) {
  const auto t = []() -> with_promise<takes_place> {
    co_await std::suspend_never();
    co_await std::suspend_always();
  }();
  EXPECT_EQ(t.handle.promise().line, static_cast<unsigned>(__LINE__ - 2));
  EXPECT_SUSPENDED_AT(t.handle, __LINE__ - 3);
}

struct takes_any_number {
  std::size_t count = 0;
  template <class... A>
  ready await_transform(A&&...) {
    count = sizeof...(A);
    return {};
  }
};
struct takes_anything_second {
  bool given = false;
  template <class A>
  A&& await_transform(A&& a, std::any extra = {}) {
    given = extra.has_value();
    return static_cast<A&&>(a);
  }
};

TEST_F(Coroutine, GivesATransformNothingThatItDoesNotAskFor) {
  const auto t = []() -> with_promise<takes_any_number> { co_await 1; }();
  EXPECT_EQ(t.handle.promise().count, 1u);
  const auto u = []() -> with_promise<takes_anything_second> { co_await std::suspend_always(); }();
  EXPECT_FALSE(u.handle.promise().given);
}

struct inherits_transform : set_of_transforms {};
struct static_transform {
  static ready await_transform(int v) { return {v * 2}; }
};
struct virtual_transform {
  virtual ~virtual_transform() = default;
  virtual ready await_transform(int v) { return {v * 3}; }
};
TEST_F(Coroutine, UsesTransformsThatAreInheritedStaticOrVirtual) {
  std::vector<int> results;
  [](std::vector<int>& r) -> with_promise<inherits_transform> { r.push_back(co_await 1); }(results);
  [](std::vector<int>& r) -> with_promise<static_transform> { r.push_back(co_await 1); }(results);
  [](std::vector<int>& r) -> with_promise<virtual_transform> { r.push_back(co_await 1); }(results);
  EXPECT_EQ(results, (std::vector<int>{101, 2, 3}));
}

// ---- noexcept: what may not throw ends the program, what may is caught

struct throws_in {
  enum where { nothing, ready, suspend, resume } at;
  bool await_ready() const { return fail(ready), false; }
  bool await_suspend(std::coroutine_handle<>) const { return fail(suspend), false; }
  void await_resume() const { fail(resume); }
  void fail(where here) const {
    if (at == here) throw static_cast<int>(here);
  }
};

TEST_F(Coroutine, CatchesWhatEachFunctionOfAnAwaiterThrows) {
  for (const auto where : {throws_in::ready, throws_in::suspend, throws_in::resume}) {
    const int caught = run([where]() -> task<int> {
      try {
        co_await throws_in{where};
      } catch (int at) {
        co_return at;
      }
      co_return -1;
    });
    EXPECT_EQ(caught, where);
  }
}

TEST_F(Coroutine, RunsAfterAwaitSuspendHasThrown) {
  std::coroutine_handle<> self;
  const auto t = [](std::coroutine_handle<>& self) -> task<> {
    try {
      co_await throws_in{throws_in::suspend};
    } catch (int) {
      EXPECT_RUNNING(self);
    }
  }(self);
  self = t.handle;
  t.start();
  EXPECT_TRUE(t.done());
}

struct throws_in_operator {
  ready operator co_await() const { throw 5; }
};
struct throws_in_transform {
  ready await_transform(int v) { throw v; }
};

TEST_F(Coroutine, CatchesWhatTheOperatorAndTheTransformThrow) {
  EXPECT_EQ(run([]() -> task<int> {
              try {
                co_await throws_in_operator();
              } catch (int e) {
                co_return e;
              }
              co_return -1;
            }),
            5);
  int caught = 0;
  [](int& caught) -> with_promise<throws_in_transform> {
    try {
      co_await 6;
    } catch (int e) {
      caught = e;
    }
  }(caught);
  EXPECT_EQ(caught, 6);
}

struct noexcept_throws {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<>) const noexcept { throw_anything(); }
  void await_resume() const noexcept {}
  static void throw_anything() { throw 1; }
};

TEST_F(Coroutine, EndsTheProgramWhereNoexceptIsBroken) {
  const auto t = []() -> task<> { co_await noexcept_throws(); }();
  EXPECT_DEATH(t.start(), "");
}

}  // namespace
