// SPDX-License-Identifier: MIT
/// \file A thread left by the body of a test. The first test leaves it: sharding counts on the order.
#include "../parked.hpp"
#include <gtest/gtest.h>

TEST(Body, LeavesAThread) { parked::leave_thread(); }

TEST(Body, EndsItsThread) { parked::ended_thread thread; }

TEST(Body, LeavesTwoThreads) {
  parked::leave_thread("first");
  parked::leave_thread("second");
}

TEST(Body, StartsNoThread) {}

TEST(Body, DISABLED_LeavesAThread) { parked::leave_thread(); }
