// SPDX-License-Identifier: MIT
/// \file GTEST_SKIP() does not excuse a thread left behind.
#include "../parked.hpp"
#include <gtest/gtest.h>

namespace {

TEST(Skipped, ThoughItLeavesAThread) {
  parked::leave_thread();
  GTEST_SKIP() << "not on this machine";
}

TEST(Skipped, AndLeavesNothing) {
  parked::ended_thread thread;
  GTEST_SKIP() << "not on this machine";
}

class SkippedSetUp : public testing::Test {
 protected:
  void SetUp() override {
    parked::leave_thread();
    GTEST_SKIP() << "not on this machine";
  }
};

TEST_F(SkippedSetUp, NeverRunsItsBody) {}

}  // namespace
