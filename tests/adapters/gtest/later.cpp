// SPDX-License-Identifier: MIT
/// \file What earlier tests left, as later ones and the end of the run tell of it.
#include "../parked.hpp"
#include <gtest/gtest.h>

#include <thread>

#include <pthread.h>

namespace {

parked::gate& late_gate() {
  static parked::gate& only = parked::eternal_gate();
  return only;
}

std::thread& late_thread() {
  static auto& only = *new std::thread;
  return only;
}

TEST(Later, LeavesAThreadThatEndsLater) {
  late_thread() = std::thread([] { late_gate().wait(); });
}

TEST(Later, FailsWhileItLives) { ADD_FAILURE() << "its own failure"; }

TEST(Later, PassesWhileItLives) {}

TEST(Later, EndsIt) {
  late_gate().open();
  if (late_thread().joinable()) late_thread().join();
}

TEST(Later, FailsWhenItHasEnded) { ADD_FAILURE() << "its own failure"; }

TEST(Later, LeavesMany) {
  for (int i = 0; i < 8; ++i) parked::leave_thread();
}

TEST(Later, NamesAreNotAlwaysUtf8) { parked::leave_thread("\xd0\xbe\xd1\x87\xd0\xb5\xd1\x80\xd1\x1b"); }

}  // namespace
