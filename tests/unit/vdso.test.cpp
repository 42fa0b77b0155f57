// SPDX-License-Identifier: MIT
/// \file Functions of the vDSO are found by their names.
#include <taskleak/detail/platform/vdso.hpp>

#include <gtest/gtest.h>

#include <time.h>

namespace {

using namespace taskleak::detail;

long coarse_ns(clock_function clock) {
  timespec t{};
  EXPECT_EQ(clock(CLOCK_MONOTONIC_COARSE, &t), 0);
  return t.tv_sec * 1'000'000'000 + t.tv_nsec;
}

TEST(Vdso, HasTheClockThatTheLibraryReads) {
  if (getauxval(AT_SYSINFO_EHDR) == 0) GTEST_SKIP() << "this process has no vDSO";
  take_clock_of_vdso();
  const clock_function found = the_clock.load_relaxed();
  ASSERT_NE(found, &clock_gettime);
  const long before = coarse_ns(&clock_gettime);
  const long between = coarse_ns(found);
  const long after = coarse_ns(&clock_gettime);
  EXPECT_LE(before, between);
  EXPECT_LE(between, after);
}

TEST(Vdso, HasNoFunctionOfAnotherName) {
  EXPECT_EQ(find_in_vdso("clock_of_nobody"), nullptr);
  EXPECT_EQ(find_in_vdso(""), nullptr);
}

}  // namespace
