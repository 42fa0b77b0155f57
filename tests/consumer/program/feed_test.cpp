// SPDX-License-Identifier: MIT
/// \file A user's tests, in another source file than the main line.
#include <taskleak/guard.hpp>

#include <gtest/gtest.h>

#include <latch>
#include <thread>

TEST(Feed, EndsItsThread) {
  taskleak::guard guard;
  std::thread([] {}).join();
}

TEST(Feed, LeavesItsThread) {
  taskleak::guard guard;
  static auto& never = *new std::latch(1);
  std::thread([] { never.wait(); }).detach();
}
