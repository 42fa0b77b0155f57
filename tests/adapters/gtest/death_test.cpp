// SPDX-License-Identifier: MIT
/// \file Death tests: the child is not checked, whatever it leaves, and says nothing of its own.
#include <taskleak/guard.hpp>

#include "../parked.hpp"
#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>

namespace {

void leave_a_thread_and_end() {
  {
    taskleak::guard guard;
    parked::leave_thread();
  }
  taskleak::verify_none();
  std::fputs("the child's own words", stderr);
  std::_Exit(3);
}

TEST(EndOfTheChildDeathTest, IsSilentInTheFastStyle) {
  GTEST_FLAG_SET(death_test_style, "fast");
  EXPECT_EXIT(leave_a_thread_and_end(), testing::ExitedWithCode(3), "^the child's own words$");
}

TEST(EndOfTheChildDeathTest, IsSilentInTheThreadsafeStyle) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(leave_a_thread_and_end(), testing::ExitedWithCode(3), "^the child's own words$");
}

TEST(EndOfTheChildDeathTest, IsSilentWithAThreadInTheParent) {
  parked::ended_thread thread;
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(leave_a_thread_and_end(), testing::ExitedWithCode(3), "^the child's own words$");
}

TEST(EndOfTheChildDeathTest, SparesNotTheParent) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  parked::leave_thread();
  EXPECT_EXIT(std::_Exit(3), testing::ExitedWithCode(3), "");
}

TEST(SignalOfTheChildDeathTest, IsWhatTheTestExpectsInBothStyles) {
  for (const char* style : {"fast", "threadsafe"}) {
    GTEST_FLAG_SET(death_test_style, style);
    EXPECT_EXIT(std::raise(SIGABRT), testing::KilledBySignal(SIGABRT), "^$");
    EXPECT_EXIT(std::raise(SIGSEGV), testing::KilledBySignal(SIGSEGV), "^$");
    EXPECT_DEATH(std::abort(), "^$");
    EXPECT_DEATH(std::terminate(), "^terminate called without an active exception\n$");
  }
}

}  // namespace
