// SPDX-License-Identifier: MIT
/// \file Guards in tests: each failure names the guard's own line, and the test does not repeat it.
#include <taskleak/guard.hpp>

#include "../parked.hpp"
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <thread>

namespace {

TEST(Guard, FailsAtItsLine) {
  taskleak::guard guard;  // fails
  parked::leave_thread();
}

TEST(Guard, PassesWhenItsThreadHasEnded) {
  taskleak::guard guard;
  parked::ended_thread thread;
}

TEST(Guard, FailsWithinAnotherThatPasses) {
  taskleak::guard outer;
  taskleak::guard inner;  // fails alone
  parked::leave_thread();
}

TEST(Guard, PassesWithinAnotherThatFails) {
  taskleak::guard outer;  // fails around one that passes
  parked::leave_thread();
  taskleak::guard inner;
  parked::ended_thread thread;
}

TEST(Guard, IsANonfatalFailureOfTheTest) {
  parked::gate& gate = parked::eternal_gate();
  std::thread thread;
  EXPECT_NONFATAL_FAILURE(
      {
        taskleak::guard guard;
        thread = std::thread([&gate] { gate.wait(); });
      },
      "left 1 thread behind");
  gate.open();
  thread.join();
}

TEST(Guard, SaysInCheckWhetherItFailed) {
  parked::gate& gate = parked::eternal_gate();
  taskleak::guard clean;
  EXPECT_TRUE(clean.check());
  taskleak::guard leaky;
  std::thread thread([&gate] { gate.wait(); });
  EXPECT_NONFATAL_FAILURE(EXPECT_FALSE(leaky.check()), "left 1 thread behind");
  gate.open();
  thread.join();
}

TEST(Guard, LeavesItsThreadToTheTestWhenDismissed) {
  taskleak::guard guard;
  parked::leave_thread();
  guard.dismiss();
}

TEST(Guard, EndsWhatItsCleanupEnds) {
  parked::gate gate;
  std::thread thread;
  taskleak::guard guard(taskleak::cleanup([&] {
    gate.open();
    thread.join();
  }));
  thread = std::thread([&gate] { gate.wait(); });
}

TEST(Guard, IgnoresWhatItsRulesName) {
  taskleak::guard guard(taskleak::ignore_name("pool-*", "the pool stays"));
  parked::leave_thread("pool-1");
}

// Both guards are open before either thread starts one, and until both have.
TEST(Guard, SeesNothingOfAGuardOnAnotherThread) {
  parked::gate left_open;
  parked::gate left_left;
  parked::gate right_ended;
  std::thread left([&] {
    taskleak::guard guard;  // fails beside another
    left_open.open();
    parked::leave_thread();
    left_left.open();
    right_ended.wait();
  });
  std::thread right([&] {
    left_open.wait();
    {
      taskleak::guard guard;
      left_left.wait();
      parked::ended_thread thread;
    }
    right_ended.open();
  });
  left.join();
  right.join();
}

TEST(VerifyNone, FailsAtTheLineOfTheCall) {
  parked::leave_thread();
  EXPECT_FALSE(taskleak::verify_none());  // the call
}

TEST(VerifyNone, PassesWhenAllHaveEnded) {
  { parked::ended_thread thread; }
  EXPECT_TRUE(taskleak::verify_none());
}

}  // namespace
