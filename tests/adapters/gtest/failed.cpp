// SPDX-License-Identifier: MIT
/// \file A test that failed already: what it left is told as a note. The twins fail as well, and leave nothing.
#include "../parked.hpp"
#include <gtest/gtest.h>

#include <stdexcept>

namespace {

TEST(Failed, NonFatallyAndLeavesAThread) {
  parked::leave_thread();
  ADD_FAILURE() << "its own failure";
}

TEST(Failed, NonFatallyAndLeavesNothing) { ADD_FAILURE() << "its own failure"; }

TEST(Failed, FatallyAndLeavesAThread) {
  parked::leave_thread();
  FAIL() << "its own failure";
}

TEST(Failed, FatallyAndLeavesNothing) {
  parked::ended_thread thread;
  FAIL() << "its own failure";
}

TEST(Failed, ByAnExceptionAndLeavesAThread) {
  parked::leave_thread();
  throw std::runtime_error("its own failure");
}

TEST(Failed, ByAnExceptionAndLeavesNothing) {
  parked::ended_thread thread;
  throw std::runtime_error("its own failure");
}

class FailedSetUp : public testing::Test {
 protected:
  void SetUp() override {
    parked::leave_thread();
    FAIL() << "its own failure";
  }
};

TEST_F(FailedSetUp, NeverRunsItsBody) {}

}  // namespace
