// SPDX-License-Identifier: MIT
/// \file Threads of a whole suite are the suite's, not its first test's.
#include "../parked.hpp"
#include <gtest/gtest.h>

namespace {

class LeakySuite : public testing::Test {
 protected:
  static void SetUpTestSuite() { parked::leave_thread(); }
};

TEST_F(LeakySuite, HasAFirstTest) {}

TEST_F(LeakySuite, HasASecondTest) {}

class LeakyTearDown : public testing::Test {
 protected:
  static void TearDownTestSuite() { parked::leave_thread(); }
};

TEST_F(LeakyTearDown, HasATest) {}

class FailedLeakySuite : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    parked::leave_thread();
    FAIL() << "the suite's own failure";
  }
};

TEST_F(FailedLeakySuite, HasATest) {}

class CleanSuite : public testing::Test {
 protected:
  static void SetUpTestSuite() { shared_ = new parked::ended_thread; }
  static void TearDownTestSuite() { delete shared_; }

 private:
  static inline parked::ended_thread* shared_ = nullptr;
};

TEST_F(CleanSuite, HasAFirstTest) {}

TEST_F(CleanSuite, HasASecondTest) {}

}  // namespace
