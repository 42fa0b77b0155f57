// SPDX-License-Identifier: MIT
/// \file Threads whose wait ends by itself, and threads that go back to such a wait again and again.
#include <taskleak/report.hpp>
#include <taskleak/taskleak.hpp>

#include "parked_thread.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <thread>

#include <poll.h>
#include <pthread.h>
#include <sys/syscall.h>

namespace {

using namespace std::chrono_literals;
using taskleak::straggler;
using taskleak::verdict;
using testing::HasSubstr;
using testing::MatchesRegex;
using unit::in_words;
using unit::own_tid;
using unit::told_tid;

constexpr const char* polling_words = "woke [0-9]+ times and went back to the same wait";

/// The thread, as a check that waits for a while finds it.
straggler found_by_patient_check(int tid) {
  for (const straggler& s : taskleak::find(taskleak::wait_up_to(200ms)).stragglers)
    if (s.id == static_cast<std::uint64_t>(tid)) return s;
  return {};
}

/// Calls a function that waits, again and again until the test is over.
template <class Waits>
class repeated_wait {
 public:
  explicit repeated_wait(Waits waits)
      : thread_([this, waits] {
          tid_.tell();
          while (!over_.load()) waits();
        }) {}
  ~repeated_wait() { over_ = true; }
  repeated_wait(const repeated_wait&) = delete;
  repeated_wait& operator=(const repeated_wait&) = delete;
  int tid() const { return tid_.get(); }

 private:
  told_tid tid_;
  std::atomic<bool> over_{false};
  std::jthread thread_;
};

/// The thread, once a check has seen it poll; ctest's time limit ends a test in which none does.
straggler polling_thread(int tid) {
  for (;;)
    if (straggler s = found_by_patient_check(tid); s.verdict == verdict::polling) return s;
}

/// A thread that sleeps for an hour, and is cancelled.
class sleeper {
 public:
  explicit sleeper(std::chrono::hours how_long)
      : how_long_(how_long), thread_([this] {
          tid_.tell();
          std::this_thread::sleep_for(how_long_);
        }) {
    unit::until_parked_in(tid_.get(), SYS_clock_nanosleep);
  }
  ~sleeper() {
    pthread_cancel(thread_.native_handle());
    thread_.join();
  }
  sleeper(const sleeper&) = delete;
  sleeper& operator=(const sleeper&) = delete;
  int tid() const { return tid_.get(); }

 private:
  std::chrono::hours how_long_;
  told_tid tid_;
  std::thread thread_;
};

TEST(SelfEnding, IsSaidOfASleepWithWhatIsLeftOfIt) {
  const sleeper one(1h);
  const straggler found = found_by_patient_check(one.tid());
  EXPECT_EQ(found.verdict, verdict::self_ending);
  EXPECT_THAT(found.reason, MatchesRegex("sleeps for another 59 min [0-9]+ s"));
  EXPECT_THAT(in_words(found), HasSubstr("] self-ending: sleeps for another 59 min "));
}

TEST(SelfEnding, IsSaidOfATimedWaitForACondition) {
  const unit::timed_waiter one(2h);
  const straggler found = unit::parked_thread(one.tid());
  EXPECT_EQ(found.verdict, verdict::self_ending);
  EXPECT_THAT(found.reason, MatchesRegex("waits for another 1 h 59 min"));
}

TEST(SelfEnding, IsSaidOnceOfThreadsThatAreAlikeWithTheLongestWait) {
  std::deque<sleeper> two;
  taskleak::report both;
  for (const std::chrono::hours how_long : {1h, 3h}) {
    two.emplace_back(how_long);
    both.stragglers.push_back(*unit::find_thread(two.back().tid()));
  }
  EXPECT_THAT(taskleak::to_text(both),
              HasSubstr("] self-ending: sleeps for at most another 2 h 59 min\n    2 threads like this one"));
}

TEST(SelfEnding, IsNotSaidOfAWaitWithoutALimit) {
  const unit::held_thread patient;
  EXPECT_NE(unit::parked_thread(patient.tid()).verdict, verdict::self_ending);
}

TEST(Polling, IsSaidOfAThreadThatSleepsAgainAndAgain) {
  const repeated_wait looks([] { std::this_thread::sleep_for(1ms); });
  const straggler found = polling_thread(looks.tid());
  EXPECT_THAT(found.reason, MatchesRegex(polling_words));
  EXPECT_GE(found.wakes, 2u);
}

TEST(Polling, IsSaidOfAThreadThatCallsPollAgainAndAgain) {
  const repeated_wait looks([] { poll(nullptr, 0, 1); });
  EXPECT_THAT(in_words(polling_thread(looks.tid())), HasSubstr("] polling: woke "));
}

TEST(Polling, IsSaidOnceOfThreadsThatAreAlike) {
  straggler one;
  one.verdict = verdict::polling;
  one.wakes = 7;
  straggler other = one;
  other.wakes = 40;
  taskleak::report both;
  both.stragglers = {one, other};
  EXPECT_THAT(taskleak::to_text(both), HasSubstr("] polling: woke up to 40 times and went back to the same wait\n"));
}

/// Sleeps at one line after another: the stack is another one each time.
template <int Lines>
[[gnu::noinline]] void sleep_at_many_lines() {
  std::this_thread::sleep_for(10ms);
  if constexpr (Lines > 1) sleep_at_many_lines<Lines - 1>();
}

TEST(Polling, IsNotSaidOfAThreadThatGetsOn) {
  told_tid tid;
  std::jthread gets_on([&] {
    tid.tell();
    sleep_at_many_lines<100>();
  });
  EXPECT_NE(found_by_patient_check(tid.get()).verdict, verdict::polling);
}

TEST(Polling, IsNotSaidOfAThreadThatIsWokenByOthersInAWaitWithALongLimit) {
  unit::timed_waiter one(1h);
  const repeated_wait wakes([&] {
    one.wake();
    std::this_thread::sleep_for(1ms);
  });
  EXPECT_NE(found_by_patient_check(one.tid()).verdict, verdict::polling);
}

}  // namespace
