// SPDX-License-Identifier: MIT
/// \file An executable that exports nothing: shared libraries do not find its pthread_create.
#include <gtest/gtest.h>

#include <thread>

namespace {

TEST(Hidden, MakesAThreadThatRuns) {
  int ran = 0;
  std::thread([&] { ran = 1; }).join();
  EXPECT_EQ(ran, 1);
}

}  // namespace
