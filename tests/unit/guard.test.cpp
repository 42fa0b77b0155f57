// SPDX-License-Identifier: MIT
/// \file Guards: whose threads they see, nesting, ending in any order and on any thread, and bad options.
#include <taskleak/snapshot.hpp>

#include "parked_thread.hpp"
#include <gtest/gtest-spi.h>

#include <chrono>
#include <latch>
#include <memory>
#include <sstream>

#include <pthread.h>

namespace {

using namespace unit;
using taskleak::guard;

/// A thread that a guard is to report; it is joined by end().
class left_thread {
 public:
  void start() {
    thread_ = std::thread([this] {
      tid_.tell();
      gate_.wait();
    });
    tid_.get();
  }
  void end() {
    gate_.open();
    thread_.join();
  }
  int tid() const { return tid_.get(); }

 private:
  gate gate_;
  told_tid tid_;
  std::thread thread_;
};

std::string as_text(const left_thread& t) { return "thread " + std::to_string(t.tid()) + " "; }

TEST(Guard, PassesWhenNothingWasStarted) {
  guard nothing;
  EXPECT_TRUE(nothing.check());
}

TEST(Guard, NamesItselfInItsFailure) {
  left_thread thread;
  constexpr unsigned line = __LINE__ + 2;
  const auto leak = [&] {
    guard named(at_once);
    thread.start();
  };
  EXPECT_NONFATAL_FAILURE(leak(), "guard.test.cpp:" + std::to_string(line) + " left 1 thread behind");
  thread.end();
}

TEST(Guard, DoesNotSeeAThreadFromBefore) {
  held_thread before;
  before.tid();
  guard later(at_once);
  EXPECT_TRUE(later.check());
}

TEST(Guard, TheInnermostOneReportsAndTheOuterOnesDoNot) {
  left_thread thread;
  guard outer(at_once);
  guard middle(at_once);
  guard inner(at_once);
  thread.start();
  EXPECT_NONFATAL_FAILURE(EXPECT_FALSE(inner.check()), as_text(thread));
  EXPECT_TRUE(middle.check());
  EXPECT_TRUE(outer.check());
  thread.end();
}

TEST(Guard, AnOuterOneReportsWhatWasStartedBesideTheInnerOne) {
  left_thread before, after;
  guard outer(at_once);
  before.start();
  {
    guard inner(at_once);
    EXPECT_TRUE(inner.check());
  }
  after.start();
  EXPECT_NONFATAL_FAILURE(EXPECT_FALSE(outer.check()), "left 2 threads behind");
  before.end();
  after.end();
}

TEST(Guard, SeesTheThreadsThatItsThreadsMake) {
  left_thread grandchild;
  guard all(at_once);
  std::thread([&] { std::thread([&] { grandchild.start(); }).join(); }).join();
  EXPECT_NONFATAL_FAILURE(EXPECT_FALSE(all.check()), as_text(grandchild));
  grandchild.end();
}

TEST(Guard, SeesWhatAThreadOfItsMakesAfterItHasEnded) {
  left_thread late;
  gate start_it;
  std::thread maker;
  guard first(at_once);
  maker = std::thread([&] {
    start_it.wait();
    late.start();
  });
  EXPECT_NONFATAL_FAILURE(EXPECT_FALSE(first.check()), "left 1 thread behind");
  guard second(at_once);
  start_it.open();
  maker.join();
  EXPECT_TRUE(second.check()) << "it belongs to the first guard's scope, and that one has ended";
  const auto found = find_thread(late.tid());
  ASSERT_TRUE(found);
  EXPECT_NE(found->scope.find("the guard at "), std::string::npos) << found->scope;
  EXPECT_NONFATAL_FAILURE(taskleak::verify_none(at_once), as_text(late));
  late.end();
}

TEST(Guard, OnOneThreadDoesNotSeeTheThreadsOfAnother) {
  left_thread foreign;
  gate leave;
  std::latch both_open(2), started(2);
  bool clean = false;
  std::thread other([&] {
    guard theirs(at_once);
    both_open.arrive_and_wait();
    foreign.start();
    started.arrive_and_wait();
    leave.wait();
    foreign.end();
    EXPECT_TRUE(theirs.check());
  });
  {
    guard ours(at_once);
    both_open.arrive_and_wait();
    started.arrive_and_wait();
    clean = ours.check();
  }
  EXPECT_TRUE(clean);
  leave.open();
  other.join();
}

TEST(Guard, ChecksOnceHoweverOftenItIsAsked) {
  left_thread thread;
  {
    guard twice(at_once);
    thread.start();
    EXPECT_NONFATAL_FAILURE(EXPECT_FALSE(twice.check()), "left 1 thread behind");
    EXPECT_TRUE(twice.check());
  }
  thread.end();
}

TEST(Guard, LeavesItsThreadsToTheOuterOneWhenDismissed) {
  left_thread thread;
  guard outer(at_once);
  {
    guard inner(at_once);
    thread.start();
    inner.dismiss();
    EXPECT_TRUE(inner.check());
  }
  EXPECT_NONFATAL_FAILURE(EXPECT_FALSE(outer.check()), as_text(thread));
  thread.end();
}

TEST(Guard, MayEndOnAnotherThread) {
  left_thread thread;
  auto moved = std::make_unique<guard>(at_once);
  thread.start();
  EXPECT_NONFATAL_FAILURE_ON_ALL_THREADS(std::thread([&] { moved.reset(); }).join(), as_text(thread));
  thread.end();
}

TEST(Guard, AThreadMadeAfterItEndedOnAnotherThreadIsStillTheTests) {
  guard outer(at_once);
  auto moved = std::make_unique<guard>(at_once);
  std::thread([&] { moved.reset(); }).join();
  left_thread thread;
  thread.start();
  EXPECT_NONFATAL_FAILURE(EXPECT_FALSE(outer.check()), as_text(thread));
  thread.end();
}

TEST(Guard, MayEndBeforeOneThatWasOpenedLater) {
  left_thread under_first, under_second;
  auto first = std::make_unique<guard>(at_once);
  under_first.start();
  auto second = std::make_unique<guard>(at_once);
  under_second.start();
  EXPECT_NONFATAL_FAILURE(first.reset(), "left 2 threads behind");
  second.reset();
  under_first.end();
  under_second.end();
  guard after(at_once);
  EXPECT_TRUE(after.check());
}

TEST(Guard, RunsItsCleanupBeforeItLooks) {
  left_thread thread;
  bool cleaned = false;
  guard cleaning(taskleak::cleanup([&] {
    thread.end();
    cleaned = true;
  }));
  thread.start();
  EXPECT_TRUE(cleaning.check());
  EXPECT_TRUE(cleaned);
}

TEST(Guard, RunsItsCleanupOnceAndAlsoWhenNothingIsLeft) {
  int runs = 0;
  {
    guard cleaning(taskleak::cleanup([&] { ++runs; }));
    EXPECT_TRUE(cleaning.check());
  }
  EXPECT_EQ(runs, 1);
}

TEST(Guard, FailsWhenItsCleanupThrows) {
  EXPECT_NONFATAL_FAILURE({ guard cleaning(taskleak::cleanup([] { throw std::runtime_error("did not stop"); })); },
                          "did not stop");
}

TEST(Guard, FailsForAnEmptyPatternAndNamesTheOption) {
  EXPECT_NONFATAL_FAILURE({ guard bad(taskleak::ignore_name("")); }, "ignore_name(): empty pattern");
}

TEST(Guard, FailsForASuppressionFileThatIsNotThereAndNamesIt) {
  EXPECT_NONFATAL_FAILURE({ guard bad(taskleak::suppressions("not/there.supp")); }, "not/there.supp");
}

TEST(Guard, ReportsALeakAlsoWhenAnOptionIsBad) {
  left_thread thread;
  EXPECT_NONFATAL_FAILURE(
      {
        guard bad(taskleak::ignore_name(""), at_once);
        thread.start();
      },
      "left 1 thread behind");
  thread.end();
}

TEST(Guard, LeavesNoTraceInTheScopeOfTheTest) {
  {
    guard inner;
    EXPECT_TRUE(inner.check());
  }
  held_thread thread;
  EXPECT_EQ(parked_thread(thread.tid()).scope, this_test());
}

// A check reads files and sleeps, which are points of cancellation; a thread unwinds out of no destructor, and a program has none
// of its own where it calls these.
TEST(Guard, IsNoPointWhereACancelledThreadEnds) {
  left_thread left;
  struct shared {
    left_thread* left;
    bool went_through = false;
  } seen{&left};
  pthread_t thread;
  const auto checks = [](void* argument) -> void* {
    auto& to = *static_cast<shared*>(argument);
    pthread_cancel(pthread_self());  // waits for the next point
    {
      guard outer(at_once);
      outer.dismiss();
      guard checking(taskleak::ignore_created_by("*"), taskleak::wait_up_to(std::chrono::milliseconds(10)));
      to.left->start();
      const taskleak::snapshot earlier;
      EXPECT_FALSE(taskleak::find(at_once).empty());
      EXPECT_TRUE(taskleak::verify_none(taskleak::ignore_created_by("*"), at_once));
      EXPECT_EQ(taskleak::task_count(), 2u);
      std::ostringstream text;
      taskleak::dump(text);
    }
    to.went_through = true;
    pthread_testcancel();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, nullptr, checks, &seen), 0);
  void* result = nullptr;
  pthread_join(thread, &result);
  EXPECT_TRUE(seen.went_through);
  EXPECT_EQ(result, PTHREAD_CANCELED);
  left.end();
}

}  // namespace
