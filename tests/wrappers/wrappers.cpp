// SPDX-License-Identifier: MIT
/// \file Threads, jthreads and asynchronous calls of taskleak/thread.hpp, used as the standard's own would be.

#include <taskleak/thread.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <type_traits>
#include <utility>

namespace {

/// Never opened by the tests that leak; shared, so that a leaked thread waits on something that stays.
struct gate {
  std::mutex mutex;
  std::condition_variable opened;
  bool open = false;

  void wait() {
    std::unique_lock lock(mutex);
    opened.wait(lock, [this] { return open; });
  }
};

struct counter {
  int value = 0;
  int add(int more) { return value += more; }
};

static_assert(std::is_base_of_v<std::thread, taskleak::thread>);
static_assert(std::is_nothrow_move_constructible_v<taskleak::thread> && !std::is_copy_constructible_v<taskleak::thread>);
static_assert(std::is_nothrow_move_constructible_v<taskleak::jthread> && !std::is_copy_constructible_v<taskleak::jthread>);
static_assert(!std::is_constructible_v<taskleak::thread, int>, "what cannot be called does not start a thread");

TEST(DropIn, AThreadTakesMoveOnlyArguments) {
  int seen = 0;
  taskleak::thread t([&](std::unique_ptr<int> p) { seen = *p; }, std::make_unique<int>(3));
  t.join();
  EXPECT_EQ(seen, 3);
  EXPECT_FALSE(t.joinable());
}

TEST(DropIn, AThreadCallsAMemberFunction) {
  counter c;
  taskleak::thread t(&counter::add, &c, 5);
  taskleak::thread moved = std::move(t);
  moved.join();
  EXPECT_EQ(c.value, 5);
}

TEST(DropIn, ADetachedThreadThatEndsIsNoStraggler) {
  std::promise<void> done;
  taskleak::thread([&] { done.set_value_at_thread_exit(); }).detach();
  done.get_future().wait();
}

TEST(DropIn, AJthreadStopsAndJoinsWhenDestroyed) {
  std::atomic<bool> stopped{false};
  {
    taskleak::jthread t([&](std::stop_token stop) {
      while (!stop.stop_requested()) std::this_thread::yield();
      stopped = true;
    });
  }
  EXPECT_TRUE(stopped);
}

TEST(DropIn, AJthreadJoinsWhatItHadWhenAssignedTo) {
  std::atomic<int> ended{0};
  const auto until_stopped = [&](std::stop_token stop) {
    while (!stop.stop_requested()) std::this_thread::yield();
    ++ended;
  };
  taskleak::jthread t(until_stopped);
  t = taskleak::jthread(until_stopped);
  EXPECT_EQ(ended, 1);
  t.request_stop();
  t.join();
  EXPECT_EQ(ended, 2);
}

TEST(DropIn, AsyncReturnsTheResultUnderEveryPolicy) {
  counter c;
  EXPECT_EQ(taskleak::async(std::launch::async, &counter::add, &c, 2).get(), 2);
  EXPECT_EQ(taskleak::async(std::launch::deferred, &counter::add, &c, 2).get(), 4);
  EXPECT_EQ(taskleak::async([](int n) { return n + 1; }, 4).get(), 5);
}

TEST(Leak, OfAWrappedThread) {
  auto g = std::make_shared<gate>();
  taskleak::thread([g] { g->wait(); }).detach();
}

TEST(Leak, OfAJoin) {
  auto* never_joined = new taskleak::thread([] {});
  ASSERT_TRUE(never_joined->joinable());
}

TEST(Leak, OfTheStandardsThread) {
  auto g = std::make_shared<gate>();
  std::thread([g] { g->wait(); }).detach();
}

}  // namespace
