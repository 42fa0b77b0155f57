// SPDX-License-Identifier: MIT
/// \file Tests of a user who has one file of taskleak and no other.
#define TASKLEAK_WITH_TRACK_COROUTINES
#include "taskleak_all.hpp"
#include <gtest/gtest.h>

#include <latch>
#include <thread>

TEST(Feed, EndsItsThread) {
  taskleak::guard guard;
  std::thread([] {}).join();
}

TEST(Feed, LeavesItsThread) {
  static auto& never = *new std::latch(1);
  std::thread([] { never.wait(); }).detach();
}
