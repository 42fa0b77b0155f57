// SPDX-License-Identifier: MIT
/// \file Waiting until every worker is at rest.
#include <taskleak/taskleak.hpp>

#include "parked_thread.hpp"
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <queue>
#include <thread>
#include <utility>

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

namespace {

using namespace std::chrono_literals;
using taskleak::wait_until_parked;
using taskleak::wait_up_to;
using unit::told_tid;

/// A worker with a queue of jobs, as a program has them.
class worker {
 public:
  worker() : thread_([this] { run(); }) {}
  ~worker() {
    post({});
    thread_.join();
  }
  void post(std::function<void()> job) {
    const std::lock_guard lock(mutex_);
    jobs_.push(std::move(job));
    changed_.notify_one();
  }

 private:
  void run() {
    for (;;) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !jobs_.empty(); });
      const std::function<void()> job = std::move(jobs_.front());
      jobs_.pop();
      lock.unlock();
      if (!job) return;
      job();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::queue<std::function<void()>> jobs_;
  std::thread thread_;
};

TEST(WaitUntilParked, ReturnsWhenAllJobsAreDone) {
  worker first;
  worker second;
  for (int round = 1; round <= 200; ++round) {
    std::atomic<int> done{0};
    first.post([&] {
      second.post([&] { ++done; });  // the first one is parked before the second has begun
      ++done;
    });
    ASSERT_TRUE(wait_until_parked(wait_up_to(30s)));
    ASSERT_EQ(done, 2) << "in round " << round;
  }
}

TEST(WaitUntilParked, ReturnsAtOnceWhereThereIsNoOtherThread) { EXPECT_TRUE(wait_until_parked(wait_up_to(30s))); }

TEST(WaitUntilParked, FailsAtTheCallAndNamesTheThreadThatRuns) {
  static std::atomic<bool> over{false};
  told_tid tid;
  std::jthread spins([&tid] {
    tid.tell();
    while (!over) {
    }
  });
  tid.get();
  EXPECT_NONFATAL_FAILURE(wait_until_parked(wait_up_to(20ms)), "not every thread is parked: 1 thread moves: [running] in ");
  EXPECT_FALSE(wait_until_parked(wait_up_to(0s), taskleak::on_leak(taskleak::leak_action::warn)));
  pthread_setname_np(spins.native_handle(), "spins");
  EXPECT_TRUE(wait_until_parked(taskleak::ignore_name("spins", "it is meant to")));
  over = true;
}

TEST(WaitUntilParked, DoesNotCountAWaitThatEndsByItselfUnlessItIsTold) {
  const unit::timed_waiter one(1h);
  unit::until_parked_in(one.tid(), SYS_futex);
  static bool parked = true;
  EXPECT_NONFATAL_FAILURE(parked = wait_until_parked(wait_up_to(0s)), "    waits on std::condition_variable");
  EXPECT_FALSE(parked);
  EXPECT_TRUE(wait_until_parked(taskleak::timed_waits_too(), wait_up_to(30s)));
}

/// A thread that waits for a timer among other descriptors, without a limit, as an event loop does.
class loop_with_timer {
 public:
  explicit loop_with_timer(std::chrono::seconds from_now) {
    const itimerspec later{{}, {from_now.count(), 0}};
    timerfd_settime(timer_, 0, &later, nullptr);
    for (const int fd : {timer_, ends_}) {
      epoll_event event{};
      event.events = EPOLLIN;
      epoll_ctl(events_, EPOLL_CTL_ADD, fd, &event);
    }
    unit::until_parked_in(tid_.get(), unit::call_of_epoll_wait);
  }
  ~loop_with_timer() {
    eventfd_write(ends_, 1);
    thread_.join();
    for (const int fd : {timer_, ends_, events_}) close(fd);
  }

 private:
  int timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  int ends_ = eventfd(0, EFD_CLOEXEC);
  int events_ = epoll_create1(EPOLL_CLOEXEC);
  told_tid tid_;
  std::thread thread_{[this] {
    tid_.tell();
    epoll_event event{};
    epoll_wait(events_, &event, 1, -1);
  }};
};

TEST(WaitUntilParked, DoesNotCountALoopWhoseTimerWillGoOff) {
  const loop_with_timer loop(50s);
  static bool parked = true;
  EXPECT_NONFATAL_FAILURE(parked = wait_until_parked(wait_up_to(0s)), "(anon_inode:[timerfd])");
  EXPECT_FALSE(parked);
}

TEST(WaitUntilParked, CountsALoopWhoseTimerIsLate) {
  const loop_with_timer loop(300s);
  EXPECT_TRUE(wait_until_parked(wait_up_to(30s)));
}

#if !defined(TASKLEAK_TSAN)  // why: ThreadSanitizer makes a fork of it
/// The parent of a child of vfork(2) goes on when the child says so, without anybody else.
TEST(WaitUntilParked, DoesNotCountAWaitThatTheKernelEnds) {
  static std::atomic<bool> is_over{false};
  told_tid tid;
  std::jthread parent([&] {
    tid.tell();
    const pid_t child = vfork();
    if (child == 0) {
      const timespec moment{0, 1'000'000};
      while (!is_over) nanosleep(&moment, nullptr);
      _exit(0);
    }
    waitpid(child, nullptr, 0);
  });
  unit::until_parked_in(tid.get(), unit::call_of_vfork);
  static bool parked = true;
  EXPECT_NONFATAL_FAILURE(parked = wait_until_parked(wait_up_to(0s)), "1 thread moves");
  EXPECT_FALSE(parked);
  is_over = true;
}
#endif

TEST(WaitUntilParked, DoesNotCountAWaitForALockThatTheCallerHolds) {
  std::mutex mutex;
  told_tid tid;
  std::unique_lock held(mutex);
  std::jthread waits([&] {
    tid.tell();
    const std::lock_guard lock(mutex);
  });
  unit::until_parked_in(tid.get(), SYS_futex);
  EXPECT_NONFATAL_FAILURE(wait_until_parked(wait_up_to(0s)), "held by main thread");
  held.unlock();
}

TEST(WaitUntilParked, CountsAWaitForALockWhoseHolderIsParked) {
  std::mutex mutex;
  unit::gate leave;
  told_tid holder_tid;
  told_tid waiter_tid;
  std::jthread holder([&] {
    const std::lock_guard lock(mutex);
    holder_tid.tell();
    leave.wait();
  });
  holder_tid.get();
  std::jthread waiter([&] {
    waiter_tid.tell();
    const std::lock_guard lock(mutex);
  });
  waiter_tid.get();
  EXPECT_TRUE(wait_until_parked(wait_up_to(30s)));
  leave.open();
}

TEST(WaitUntilParked, OnAWorkerCountsTheMainThread) {
  bool main_was_parked = false;
  std::thread([&] { main_was_parked = wait_until_parked(wait_up_to(30s)); }).join();
  EXPECT_TRUE(main_was_parked);
}

}  // namespace
