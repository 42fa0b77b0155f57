// SPDX-License-Identifier: MIT
/// \file What the reports of GoogleTest say of coroutines. Nothing here is tracked by hand.
#include <taskleak/guard.hpp>
#include <taskleak/report.hpp>

#include "kinds.hpp"
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <latch>
#include <string>
#include <thread>
#include <utility>
#include <vector>

// Not in a namespace without a name: what their types are called is in the reports.
struct channel {
  struct receive_awaiter {
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    int await_resume() const noexcept { return 1; }
  };
  receive_awaiter receive() { return {}; }
};

/// Nobody destroys what this is given; LeakSanitizer can reach it.
template <class T>
T& leak(T&& object) {
  static std::vector<T*>& all = *new std::vector<T*>;
  return *all.emplace_back(new T(std::move(object)));
}

kinds::task<int> session(channel& c, int id) {
  const int got = co_await c.receive();  // session waits
  co_return got + id;
}

kinds::task<int> serve(channel& c) {
  const int got = co_await session(c, 1);  // serve waits
  co_return got;
}

kinds::task<int> listen(channel& c) {
  const int got = co_await serve(c);  // listen waits
  co_return got;
}

channel feed;

TEST(Suspended, IsReported) { leak(session(feed, 1)).start(); }  // created here

TEST(NeverStarted, IsReported) { leak(session(feed, 1)); }

TEST(Finished, IsReported) {
  leak([]() -> kinds::task<int> { co_return 3; }()).start();
}

TEST(Chain, IsReported) { leak(listen(feed)).start(); }

TEST(Clean, LeavesNothing) {
  const auto t = listen(feed);
  t.start();
  EXPECT_FALSE(t.done());
}

kinds::generator<int> numbers() {
  for (int i = 0;; ++i) co_yield i;  // numbers waits
}

TEST(Generator, IsReported) { leak(numbers()).next(); }

// ---- one that waits for several

/// Counts those that have yet to end, and resumes who waits for them all.
struct countdown {
  std::size_t left;
  std::coroutine_handle<> waiting;
};

struct part {
  struct promise_type {
    countdown* counts = nullptr;
    part get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept {
      struct awaiter {
        bool await_ready() noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> h) noexcept {
          countdown& c = *h.promise().counts;
          return --c.left == 0 ? c.waiting : std::noop_coroutine();
        }
        void await_resume() noexcept {}
      };
      return awaiter{};
    }
    void return_void() {}
    void unhandled_exception() {}
  };
  std::coroutine_handle<promise_type> handle;
};

struct when_all {
  std::vector<part>& parts;
  countdown counts{};
  bool await_ready() noexcept { return parts.empty(); }
  void await_suspend(std::coroutine_handle<> h) {
    counts = {parts.size(), h};
    for (part& p : parts) p.handle.promise().counts = &counts;
    for (part& p : parts) p.handle.resume();
  }
  void await_resume() noexcept {}
};

part part_of(channel& c, int id) {
  co_await session(c, id);  // part waits
}

kinds::task<> fans_out(channel& c) {
  std::vector<part> parts;
  parts.push_back(part_of(c, 1));
  parts.push_back(part_of(c, 2));
  co_await when_all{parts};  // fans_out waits
  for (part& p : parts) p.handle.destroy();
}

TEST(FanOut, IsReported) { leak(fans_out(feed)).start(); }

// ---- a thread that waits for a coroutine

struct sync_part {
  struct promise_type {
    std::latch* done = nullptr;
    sync_part get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept {
      struct awaiter {
        bool await_ready() noexcept { return false; }
        void await_suspend(std::coroutine_handle<promise_type> h) noexcept { h.promise().done->count_down(); }
        void await_resume() noexcept {}
      };
      return awaiter{};
    }
    void return_void() {}
    void unhandled_exception() {}
  };
  std::coroutine_handle<promise_type> handle;
};

sync_part waits_for(channel& c) { co_await serve(c); }

void sync_wait(channel& c) {
  std::latch done(1);
  const sync_part p = waits_for(c);
  p.handle.promise().done = &done;
  p.handle.resume();
  done.wait();
}

bool a_thread_waits_for_a_coroutine() {
  const taskleak::report found = taskleak::find(taskleak::wait_up_to(std::chrono::seconds(0)));
  return std::any_of(found.stragglers.begin(), found.stragglers.end(), [](const taskleak::straggler& s) {
    return s.kind == taskleak::task_kind::thread && s.waits_on.detail.find("coroutine") != std::string::npos;
  });
}

TEST(SyncWait, IsReported) {
  std::thread([] { sync_wait(feed); }).detach();
  while (!a_thread_waits_for_a_coroutine()) std::this_thread::yield();
}

// ---- many that are alike

TEST(Many, AreFolded) {
  for (int i = 0; i < 64; ++i) leak(session(feed, i)).start();
}

// ---- whose they are

class Suite : public testing::Test {
 protected:
  static void SetUpTestSuite() { leak(session(feed, 1)).start(); }
};

TEST_F(Suite, LeavesNothingItself) {}

TEST(Guard, FailsAtItsLine) {
  const taskleak::guard guard;  // the guard
  leak(session(feed, 1)).start();
}

TEST(Guard, PassesWhenAllIsDestroyed) {
  const taskleak::guard guard;
  session(feed, 1).start();
}

TEST(OfAThread, IsChargedToTheTestThatCreatedTheThread) {
  std::thread([] { leak(session(feed, 1)).start(); }).join();
}

// ---- what rules can say of them

TEST(Ignored, ByName) {
  const taskleak::guard guard(taskleak::ignore_name("session", "known"));
  leak(session(feed, 1)).start();
}

TEST(Ignored, ByState) {
  const taskleak::guard guard(taskleak::ignore_state("suspended at *reports.cpp:*"));
  leak(session(feed, 1)).start();
}

TEST(Ignored, ByTheStateCreated) {
  const taskleak::guard guard(taskleak::ignore_state(taskleak::state::created));
  leak(session(feed, 1));
}

void starts_a_session() { leak(session(feed, 1)).start(); }

TEST(Ignored, ByItsCreator) {
  const taskleak::guard guard(taskleak::ignore_created_by("starts_a_session"));
  starts_a_session();
}

TEST(Ignored, ByAFunctionOfItsChain) {
  const taskleak::guard guard(taskleak::ignore_any_function("listen"));
  leak(session(feed, 1)).start();
  leak(listen(feed)).start();
}

TEST(Ignored, AsOlder) {
  const taskleak::guard guard([] {
    leak(session(feed, 1)).start();
    return taskleak::ignore_current("older");
  }());
  leak(session(feed, 2)).start();
}
