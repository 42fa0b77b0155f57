// SPDX-License-Identifier: MIT
/// \file What the portable back end sees, beside its clean twin. Nothing here is of Linux: it is compiled for Windows, too.
#include <taskleak/blocking_region.hpp>
#include <taskleak/gtest_main.hpp>
#include <taskleak/guard.hpp>
#include <taskleak/ignore.hpp>
#include <taskleak/report.hpp>
#include <taskleak/snapshot.hpp>
#include <taskleak/thread.hpp>
#include <taskleak/track_coroutines.hpp>
#include <taskleak/wait_until_parked.hpp>

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <future>
#include <latch>
#include <utility>
#include <vector>

namespace {

struct job {
  struct promise_type {
    job get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept {}
  };
  std::coroutine_handle<promise_type> handle;
};

/// Nobody destroys what this is given; leak checkers can reach it.
template <class T>
T& leak(T&& object) {
  static auto& all = *new std::vector<T*>;
  return *all.emplace_back(new T(std::forward<T>(object)));
}

/// A latch that nobody opens.
std::latch& never() {
  static auto& closed = *new std::latch(1);
  return closed;
}

}  // namespace

// Not in a namespace without a name: what it is called is in the reports.
job waits_for(int) {
  co_await std::suspend_always();  // the coroutine waits
}

TEST(Coroutine, IsReportedWhenItIsLeft) { leak(waits_for(1)); }  // created here

TEST(Coroutine, IsNotReportedWhenItIsDestroyed) { waits_for(1).handle.destroy(); }

TEST(Coroutine, IsReportedAtTheLineOfTheGuard) {
  taskleak::guard guard;  // the guard
  leak(waits_for(2));
}

TEST(Coroutine, OfAThreadThatEndsIsNotReported) {
  const std::size_t before = taskleak::task_count();
  // a thread's part of the table outlives the thread, and is handed to another one
  for (int i = 0; i < 20; ++i) {
    taskleak::thread worker([] {
      for (int k = 0; k < 100; ++k) waits_for(k).handle.destroy();
    });
    worker.join();
  }
  EXPECT_EQ(taskleak::task_count(), before);
}

TEST(Coroutine, OfAThreadIsReportedWithItsCreator) {
  taskleak::thread([] { leak(waits_for(3)); }).join();
}

TEST(Thread, IsReportedWhenItIsLeft) {
  leak(taskleak::thread([] { never().wait(); }));
}

TEST(Thread, IsNotReportedWhenItIsJoined) {
  taskleak::thread([] {}).join();
}

TEST(Thread, OfAJthreadIsNotReportedWhenThatIsDestroyed) {
  const taskleak::jthread ends([] {});
}

TEST(Thread, OfAnAsyncIsNotReportedOnceItsResultIsThere) {
  EXPECT_EQ(taskleak::async(std::launch::async, [] { return 3; }).get(), 3);
}

TEST(Thread, OfAnAsyncIsReportedWhileItRuns) {
  leak(taskleak::async(std::launch::async, [] { never().wait(); }));
}

TEST(Thread, ThatIsDetachedIsNotReportedOnceItHasEnded) {
  taskleak::thread([] {}).detach();
}

TEST(Thread, IsReportedWhenItHasEndedAndIsNotJoined) {
  auto& never_joined = leak(taskleak::thread([] {}));
  EXPECT_TRUE(never_joined.joinable());
}

TEST(Thread, NamesItsOwnWait) {
  static auto& is_inside = *new std::latch(1);
  leak(taskleak::thread([] {
    const taskleak::blocking_region waiting("channel send", &never());
    is_inside.count_down();
    never().wait();
  }));
  is_inside.wait();
}

TEST(Thread, IsAliveAndNothingMoreIsKnown) {
  const taskleak::options own(taskleak::ignore_current(), taskleak::wait_up_to(std::chrono::milliseconds(100)));
  std::latch may_end(1);
  taskleak::thread worker([&] { may_end.wait(); });
  const taskleak::report found = taskleak::find(own);
  EXPECT_TRUE(taskleak::find(taskleak::options(own, taskleak::ignore_state(taskleak::state::alive))).clean());
  may_end.count_down();
  worker.join();
  ASSERT_EQ(found.stragglers.size(), std::size_t{1});
  EXPECT_EQ(found.stragglers[0].state, taskleak::state::alive);
  EXPECT_EQ(found.stragglers[0].state_text, "alive");
  EXPECT_TRUE(found.stragglers[0].stack.empty());
  EXPECT_EQ(found.stragglers[0].created_by, "main thread");
}

TEST(Thread, IsNotKnownToBeParked) {
  std::latch may_end(1);
  taskleak::thread worker([&] { may_end.wait(); });
  EXPECT_FALSE(taskleak::wait_until_parked(taskleak::wait_up_to(std::chrono::milliseconds(20))));
  may_end.count_down();
  worker.join();
}
