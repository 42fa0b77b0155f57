// SPDX-License-Identifier: MIT
/// \file Tests that never end, each in one way. Each is run alone.
#include "../gate.hpp"
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <future>
#include <iostream>
#include <latch>
#include <memory>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

#include <poll.h>
#include <pthread.h>
#include <ucontext.h>
#include <unistd.h>

namespace {

class wait_group {
 public:
  explicit wait_group(int count) : count_(count) {}
  void done() {
    const std::lock_guard lock(mutex_);
    if (--count_ == 0) zero_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    zero_.wait(lock, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable zero_;
  int count_;
};

/// Runs jobs on one worker.
class small_pool {
 public:
  ~small_pool() { worker_.join(); }

  template <class Job>
  auto submit(Job job) {
    auto task = std::make_shared<std::packaged_task<decltype(job())()>>(std::move(job));
    auto result = task->get_future();
    const std::lock_guard lock(mutex_);
    jobs_.push([task] { (*task)(); });
    changed_.notify_one();
    return result;
  }

 private:
  void work() {
    for (;;) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !jobs_.empty(); });
      const auto job = std::move(jobs_.front());
      jobs_.pop();
      lock.unlock();
      job();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::queue<std::function<void()>> jobs_;
  std::thread worker_{[this] { work(); }};
};

TEST(Before, Passes) {}

TEST(Hangs, InAWaitGroupThatIsOneShort) {
  wait_group group(3);
  std::thread first([&] { group.done(); }), second([&] { group.done(); });
  group.wait();
  first.join();
  second.join();
}

TEST(Hangs, InADoubleLock) {
  std::mutex lock;
  lock.lock();
  lock.lock();
}

TEST(Hangs, InACircleWithAWorker) {
  std::mutex left, right;
  std::promise<void> has_right;
  left.lock();
  std::thread worker([&] {
    pthread_setname_np(pthread_self(), "worker");
    right.lock();
    has_right.set_value();
    left.lock();
  });
  has_right.get_future().wait();
  right.lock();
  worker.join();
}

TEST(Hangs, InTheJoinOfAParkedThread) {
  std::thread parked([] { tests::eternal_gate().wait(); });
  parked.join();
}

/// Starts a thread that goes on for ever, and has nothing to do with anybody.
void start_a_poller() {
  std::thread([] {
    for (;;) poll(nullptr, 0, 100);
  }).detach();
}

TEST(HangsBesideAPoller, InAFutureWhosePromiseIsItsOwn) {
  start_a_poller();
  std::promise<int> promise;
  promise.get_future().get();
}

TEST(HangsBesideAPoller, InTheJoinOfAThreadThatNobodyCanWake) {
  start_a_poller();
  std::thread lost([own = std::make_shared<tests::gate>()] { own->wait(); });
  lost.join();
}

TEST(HangsBesideAPoller, InALatchThatIsOneShort) {
  start_a_poller();
  std::latch latch(2);
  latch.arrive_and_wait();
}

TEST(Hangs, InTheDestructorOfAFuture) {
  const auto result = std::async(std::launch::async, [] { tests::eternal_gate().wait(); });
}

TEST(Hangs, InTheDestructorOfAConditionVariable) {
  auto* const mutex = new std::mutex;
  std::promise<void> holds;
  auto condition = std::make_unique<std::condition_variable>();
  std::thread([&, mutex, c = condition.get()] {
    std::unique_lock lock(*mutex);
    holds.set_value();
    c->wait(lock, [] { return false; });
  }).detach();
  holds.get_future().wait();
  const std::lock_guard waits(*mutex);  // by now the thread waits for the condition
  condition.reset();
}

TEST(Hangs, InAPoolThatWaitsForItself) {
  small_pool pool;
  pool.submit([&] { return pool.submit([] { return 1; }).get(); }).get();
}

TEST(Hangs, InARecursiveCallOnce) {
  static std::once_flag once;
  static void (*const again)() = [] { std::call_once(once, [] { again(); }); };
  again();
}

TEST(Hangs, InPause) { pause(); }

TEST(Hangs, WithAllSignalsBlocked) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
  tests::eternal_gate().wait();
}

TEST(Hangs, InAnAtomicWait) {
  std::atomic<int> word{0};
  word.wait(0);
}

TEST(Hangs, WhileAnotherThreadHasStdout) {
  std::promise<void> has_stdout;
  std::thread worker([&] {
    flockfile(stdout);
    has_stdout.set_value();
    tests::eternal_gate().wait();
  });
  has_stdout.get_future().wait();
  worker.join();
}

TEST(Hangs, OnTheStackOfAFiber) {
  static char stack[16 * 1024];
  ucontext_t fiber{}, here{};
  getcontext(&fiber);
  fiber.uc_stack.ss_sp = stack;
  fiber.uc_stack.ss_size = sizeof stack;
  makecontext(
      &fiber, [] { tests::eternal_gate().wait(); }, 0);
  swapcontext(&here, &fiber);
}

TEST(Hangs, AfterAWordInTheBufferOfCout) {
  std::ios::sync_with_stdio(false);
  std::cout << "the last words of the program\n";
  tests::eternal_gate().wait();
}

TEST(Hangs, InTheAllocator) {
  for (std::vector<void*> blocks;; blocks.clear()) {
    for (std::size_t size = 100; size < 200'000; size += 1000) blocks.push_back(std::malloc(size));
    for (void* const block : blocks) std::free(block);
  }
}

TEST(Hangs, InALoop) {
  for (volatile int round = 0;;) round = round + 1;
}

TEST(Hangs, InAPollWithoutAnEnd) { poll(nullptr, 0, -1); }

/// SetUpTestSuite() hangs, and so no test of it begins.
class HangingSuite : public testing::Test {
 protected:
  static void SetUpTestSuite() { tests::eternal_gate().wait(); }
};
TEST_F(HangingSuite, IsNotReached) {}

TEST(Twice, HangsTheSecondTime) {
  static int round = 0;
  if (++round == 2) tests::eternal_gate().wait();
}

TEST(Later, IsNotReached) {}

}  // namespace
