// SPDX-License-Identifier: MIT
/// \file A user's tests of coroutines, with no line of taskleak.
#include "echo.hpp"
#include <gtest/gtest.h>
#include <lite/task.hpp>

lite::task<int> session(lite::event& arrived) {
  int sum = co_await echo(arrived, 1);
  sum += co_await echo(arrived, 2);
  co_return sum;
}

TEST(Session, EndsItsCoroutines) {
  lite::event arrived;
  lite::task<int> one = session(arrived);
  one.start();
  arrived.set();
  ASSERT_TRUE(one.done());
  EXPECT_EQ(one.result(), 3);
}

TEST(Session, LeavesItsCoroutines) {
  static lite::event never;
  static lite::task<int> one = session(never);
  one.start();
  EXPECT_FALSE(one.done());
}
