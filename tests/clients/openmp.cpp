// SPDX-License-Identifier: MIT
/// \file OpenMP: the threads of a region outlive it.
#include <gtest/gtest.h>

#include <atomic>

TEST(OpenMp, KeepsItsTeam) {
  std::atomic<int> members{0};
#pragma omp parallel num_threads(3)
  ++members;
  EXPECT_EQ(members, 3);
}
