// SPDX-License-Identifier: MIT
/// \file Death tests: the child is not checked, whatever it leaves, and says nothing of its own.
#include <taskleak/guard.hpp>

#include "../parked.hpp"
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

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

}  // namespace
