// SPDX-License-Identifier: MIT
/// \file A frozen copy of the process: what it sees, and what its parent learns of it.
#include <taskleak/detail/platform/frozen_copy.hpp>
#include <taskleak/report.hpp>
#include <taskleak/taskleak.hpp>

#include "parked_thread.hpp"
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using taskleak::detail::copy_outcome;
using taskleak::detail::on_frozen_copy;
using kind = taskleak::detail::copy_outcome::kind;

constexpr std::int64_t plenty_ns = 60'000'000'000;

/// A thread that is parked in a lock until the end of the test.
class parked {
 public:
  parked() {
    lock_.lock();
    thread_ = std::thread([this] {
      tid_.tell();
      const std::lock_guard wait(lock_);
    });
    unit::until_parked_in(tid_.get(), SYS_futex);
  }
  ~parked() {
    lock_.unlock();
    thread_.join();
  }
  parked(const parked&) = delete;
  parked& operator=(const parked&) = delete;

  std::uint64_t id() { return static_cast<std::uint64_t>(tid_.get()); }

 private:
  std::mutex lock_;
  unit::told_tid tid_;
  std::thread thread_;
};

TEST(FrozenCopy, ReturnsTheValueOfItsWork) {
  int five = 5;
  const copy_outcome outcome = on_frozen_copy([](void* n) { return *static_cast<int*>(n) + 2; }, &five, plenty_ns);
  EXPECT_EQ(outcome.how, kind::done);
  EXPECT_EQ(outcome.status, 7);
}

TEST(FrozenCopy, KeepsItsChangesToItself) {
  int value = 1;
  on_frozen_copy([](void* n) { return *static_cast<int*>(n) = 2; }, &value, plenty_ns);
  EXPECT_EQ(value, 1);
}

TEST(FrozenCopy, FindsTheThreadsOfTheCopiedProcess) {
  struct {
    std::uint64_t id;
    std::string what;
  } sought{};
  parked thread;
  sought.id = thread.id();
  const copy_outcome outcome = on_frozen_copy(
      [](void* given) {
        const auto& wanted = *static_cast<decltype(sought)*>(given);
        for (const taskleak::straggler& s : taskleak::find(unit::at_once).stragglers)
          if (s.id == wanted.id && s.state == taskleak::state::mutex_lock && !s.stack.empty()) return 1;
        return 0;
      },
      &sought, plenty_ns);
  EXPECT_EQ(outcome.how, kind::done);
  EXPECT_EQ(outcome.status, 1);
}

TEST(FrozenCopy, IsEndedWhenItsTimeIsOver) {
  const copy_outcome outcome = on_frozen_copy(
      [](void*) {
        for (;;) pause();
        return 0;
      },
      nullptr, 1'000'000);
  EXPECT_EQ(outcome.how, kind::late);
}

TEST(FrozenCopy, DiesAlone) {
  const copy_outcome outcome = on_frozen_copy([](void*) { return raise(SIGKILL); }, nullptr, plenty_ns);
  EXPECT_EQ(outcome.how, kind::died);
  EXPECT_EQ(outcome.status, SIGKILL);
}

TEST(FrozenCopy, IsNoChildThatTheProgramCouldWaitFor) {
  std::atomic<bool> stop{false};
  std::atomic<int> seen{0};
  std::thread waits([&] {
    while (!stop)
      if (waitpid(-1, nullptr, WNOHANG) > 0 || errno != ECHILD) ++seen;
  });
  for (int i = 0; i < 20; ++i) on_frozen_copy([](void*) { return 0; }, nullptr, plenty_ns);
  stop = true;
  waits.join();
  EXPECT_EQ(seen, 0);
}

TEST(FrozenCopy, LeavesTheSignalsOfTheCallerAsTheyWere) {
  sigset_t usr1, before, after;
  sigemptyset(&usr1);
  sigaddset(&usr1, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &usr1, &before);
  on_frozen_copy([](void*) { return 0; }, nullptr, plenty_ns);
  pthread_sigmask(SIG_SETMASK, &before, &after);
  EXPECT_TRUE(sigismember(&after, SIGUSR1));
  EXPECT_FALSE(sigismember(&after, SIGTERM));
}

}  // namespace
