// SPDX-License-Identifier: MIT
/// \file Everything at once: threads and coroutines that come and go beside guards, dumps and failures on other threads. A
/// sanitizer has nothing to say of it.
#include <taskleak/blocking_region.hpp>
#include <taskleak/guard.hpp>
#include <taskleak/options.hpp>
#include <taskleak/report.hpp>
#include <taskleak/snapshot.hpp>
#include <taskleak/track_coroutines.hpp>

#include "../sleeper.hpp"
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <latch>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using tests::sleep_on;
using tests::sleeper;

constexpr int rounds = 40;

void make_coroutines() {
  std::vector<sleeper> sleepers;
  for (int i = 0; i < 200; ++i) sleepers.push_back(sleep_on());
}

/// A thread that waits until it is told to end, in a region whose label ends with it.
class waiter {
 public:
  explicit waiter(bool labelled = false) : thread_([this, labelled] { wait(labelled); }) {}
  ~waiter() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

 private:
  void wait(bool labelled) {
    const auto label = std::make_unique<std::string>("a label on the heap");
    std::unique_lock lock(mutex_);
    if (labelled) {
      taskleak::blocking_region region(label->c_str(), this);
      changed_.wait(lock, [this] { return over_; });
    } else {
      changed_.wait(lock, [this] { return over_; });
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

void dump_all() {
  std::ostringstream out;
  taskleak::dump(out);
}

/// Calls each body again and again on a thread of its own, until each has been called so often.
template <class... Bodies>
void storm(Bodies... bodies) {
  std::atomic<int> to_go{static_cast<int>(sizeof...(bodies))};
  std::latch ready(sizeof...(bodies));
  const auto loop = [&](auto body) {
    ready.arrive_and_wait();
    for (int i = 0; i < rounds; ++i) body();
    for (--to_go; to_go > 0;) body();
  };
  std::vector<std::jthread> threads;
  (threads.emplace_back(loop, bodies), ...);
}

}  // namespace

// Each takes over the record of the last one's thread.
class Detached : public testing::TestWithParam<int> {};
TEST_P(Detached, OneThread) {
  std::thread([] {}).detach();
  const auto ran = std::make_shared<std::latch>(1);
  std::thread([ran] { ran->count_down(); }).detach();
  ran->wait();
}
INSTANTIATE_TEST_SUITE_P(Storm, Detached, testing::Range(0, 4));

TEST(Storm, OfThreadsThatMakeCoroutinesAndEnd) {
  const auto short_lived = [] { std::thread(make_coroutines).join(); };
  storm(short_lived, short_lived, make_coroutines);
}

TEST(Storm, OfDumpsWhileThreadsAndCoroutinesComeAndGo) {
  storm([] { std::thread(make_coroutines).join(); }, make_coroutines, dump_all);
}

TEST(Storm, OfDumpsAndFindsWhileScopesEnd) {
  const auto guard = [] {
    taskleak::guard one(taskleak::wait_up_to(std::chrono::seconds(10)));
    std::thread([] {}).join();
    std::thread([] {}).detach();
    make_coroutines();
    waiter held;
  };
  storm(guard, guard, dump_all, [] { static_cast<void>(taskleak::find(taskleak::wait_up_to(std::chrono::seconds(0)))); });
}

TEST(Storm, OfDumpsWhileLabelledWaitsEnd) {
  storm([] { waiter held(true); }, [] { waiter held(true); }, dump_all);
}

TEST(Storm, OfGuardsThatFailAtOnce) {
  testing::TestPartResultArray failures;
  {
    const testing::ScopedFakeTestPartResultReporter intercept(testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS,
                                                              &failures);
    for (int i = 0; i < 4; ++i) {
      std::latch ready(3);
      const auto fails = [&] {
        std::unique_ptr<waiter> left;
        std::vector<sleeper> sleepers;
        taskleak::guard guard(taskleak::wait_up_to(std::chrono::seconds(0)));
        left = std::make_unique<waiter>();
        sleepers.push_back(sleep_on());
        ready.arrive_and_wait();
        guard.check();
      };
      const std::jthread one(fails);
      const std::jthread two(fails);
      const std::jthread three(fails);
    }
  }
  EXPECT_EQ(failures.size(), 12);
}
