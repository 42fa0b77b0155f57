// SPDX-License-Identifier: MIT
/// \file Threads that wait in a circle, and threads that only seem to.
#include <taskleak/detail/verdict/wait_cycle.hpp>
#include <taskleak/detail/verdict/wait_graph.hpp>
#include <taskleak/report.hpp>
#include <taskleak/taskleak.hpp>

#include "parked_thread.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

namespace {

using taskleak::straggler;
using taskleak::verdict;
using testing::HasSubstr;
using testing::SizeIs;
using unit::at_once;
using unit::told_tid;

/// Threads that each hold a lock and wait for that of the next one: they never end, and no check looks at them again.
class ring {
 public:
  explicit ring(std::size_t count) : locks_(*new std::vector<std::mutex>(count)), tids_(count) {
    for (std::size_t i = 0; i < count; ++i) {
      std::thread([this, i, count, &locks = locks_] {
        pthread_setname_np(pthread_self(), ("ring " + std::to_string(i)).c_str());
        locks[i].lock();
        tids_[i].tell();
        for (const told_tid& other : tids_) other.get();
        locks[(i + 1) % count].lock();
      }).detach();
    }
    for (std::size_t i = 0; i < count; ++i) unit::until_parked_at(tids_[i].get(), &locks_[(i + 1) % count]);
  }
  /// They are no leak of the test.
  ~ring() { EXPECT_TRUE(taskleak::verify_none(at_once | taskleak::ignore_name("ring *", "meant to stay"))); }
  ring(const ring&) = delete;
  ring& operator=(const ring&) = delete;

  std::string thread(std::size_t i) const {
    return "thread " + std::to_string(tids_[i].get()) + " \"ring " + std::to_string(i) + '"';
  }
  straggler find(std::size_t i) const {
    for (const straggler& s : taskleak::find(at_once).stragglers)
      if (s.id == static_cast<std::uint64_t>(tids_[i].get())) return s;
    ADD_FAILURE() << thread(i) << " is no straggler";
    return {};
  }

 private:
  std::vector<std::mutex>& locks_;
  std::vector<told_tid> tids_;
};

TEST(Cycle, OfTwoLocksIsToldOfBothThreadsEdgeByEdge) {
  const ring two(2);
  const straggler first = two.find(0);
  EXPECT_EQ(first.verdict, verdict::deadlocked);
  EXPECT_EQ(first.reason, "a cycle of 2 threads");
  ASSERT_THAT(first.holders, SizeIs(2));
  EXPECT_THAT(first.holders[0], testing::StartsWith(two.thread(0) + " waits on std::mutex 0x"));
  EXPECT_THAT(first.holders[0], HasSubstr("cycles.test.cpp:"));
  EXPECT_THAT(first.holders[0], testing::EndsWith(", held by " + two.thread(1)));
  EXPECT_THAT(first.holders[1], testing::EndsWith(", held by " + two.thread(0)));
  EXPECT_EQ(two.find(1).verdict, verdict::deadlocked);
  taskleak::report one;
  one.stragglers.push_back(first);
  EXPECT_THAT(to_text(one), HasSubstr("] deadlocked: a cycle of 2 threads\n    cycle: " + two.thread(0)));
}

TEST(Cycle, OfThreeIsOneCycle) {
  const ring three(3);
  EXPECT_EQ(three.find(2).reason, "a cycle of 3 threads");
  EXPECT_THAT(three.find(2).holders, SizeIs(3));
}

TEST(Cycle, OfOneIsALockThatItsWaiterHolds) {
  const ring one(1);
  EXPECT_EQ(one.find(0).verdict, verdict::deadlocked);
  EXPECT_EQ(one.find(0).reason, "it waits for a lock that it holds itself");
}

TEST(Cycle, CallsOnlyTheMainThreadMainThread) {
  straggler main, other;
  main.id = 100;
  main.name = other.name = "main thread";
  main.is_main = true;
  other.id = 101;
  main.state = other.state = taskleak::state::join;
  EXPECT_EQ(taskleak::detail::edge_in_words(main, other), "main thread joins thread 101 \"main thread\"");
}

TEST(Cycle, AThreadThatHasAnotherIdByTheTimeOfItsLookIsAskedForOnce) {
  straggler waiter, other;
  waiter.id = 100;
  waiter.state = taskleak::state::join;
  waiter.waits_for.push_back({taskleak::wait_relation::joined, taskleak::task_kind::thread, 101});
  taskleak::detail::wait_graph graph(&taskleak::detail::awaited_thread_of);
  graph.add(100, waiter);
  ASSERT_EQ(graph.missing(), std::vector<std::uint64_t>{101});
  graph.add(101, other);
  EXPECT_THAT(graph.missing(), testing::IsEmpty());
  EXPECT_THAT(graph.cycles(), testing::IsEmpty());
}

TEST(Cycle, IsNotSeenInALockThatTwoThreadsHandToEachOther) {
  // each waits for the other in turn, so that two looks, one after the other, may see both wait
  std::mutex shared;
  std::atomic<bool> over{false};
  const auto work = [&] {
    while (!over) {
      const std::lock_guard lock(shared);
      sched_yield();
    }
  };
  std::jthread one(work);
  std::jthread two(work);
  std::vector<std::string> wrong;
  for (int look = 0; look < 50; ++look)
    for (const straggler& s : taskleak::find(at_once | taskleak::ignore_name("ring *")).stragglers)
      if (s.verdict == verdict::deadlocked || s.verdict == verdict::orphaned) wrong.push_back(s.reason);
  over = true;
  EXPECT_THAT(wrong, testing::IsEmpty());
}

TEST(Cycle, IsNoneWhereOneOfTheWaitsHasALimit) {
  std::timed_mutex first;
  std::timed_mutex second;
  told_tid limited_tid;
  told_tid patient_tid;
  std::atomic<bool> over{false};
  std::jthread limited([&] {
    const std::lock_guard lock(first);
    limited_tid.tell();
    patient_tid.get();
    while (!over) static_cast<void>(second.try_lock_for(std::chrono::milliseconds(20)));
  });
  std::jthread patient([&] {
    const std::lock_guard lock(second);
    patient_tid.tell();
    limited_tid.get();
    const std::lock_guard never_while_limited_waits(first);
  });
  unit::until_parked_at(patient_tid.get(), &first);
  std::vector<std::string> wrong;
  for (int look = 0; look < 20; ++look)
    for (const straggler& s : taskleak::find(at_once | taskleak::ignore_name("ring *")).stragglers)
      if (s.verdict == verdict::deadlocked) wrong.push_back(s.reason);
  over = true;
  EXPECT_THAT(wrong, testing::IsEmpty());
}

}  // namespace
