// SPDX-License-Identifier: MIT
/// \file A program that keeps the creation stack of one task in three: TASKLEAK_OPTIONS=sample=1/3.
#include <taskleak/guard.hpp>
#include <taskleak/report.hpp>
#include <taskleak/snapshot.hpp>

#include "../unit/parked_thread.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <vector>

namespace {

using testing::HasSubstr;

TEST(Sampling, OfThreeThreadsOneHasItsCreationStackAndAllAreCounted) {
  const std::size_t before = taskleak::task_count();
  std::vector<std::unique_ptr<unit::held_thread>> threads;
  for (int i = 0; i < 9; ++i) {
    threads.push_back(std::make_unique<unit::held_thread>());
    unit::until_parked_in(threads.back()->tid(), SYS_futex);
  }
  EXPECT_EQ(taskleak::task_count(), before + 9);
  const taskleak::report found = taskleak::find(unit::at_once);
  ASSERT_EQ(found.stragglers.size(), 9u);
  std::size_t with_stack = 0;
  for (const taskleak::straggler& s : found.stragglers) {
    if (!s.creation_stack.empty()) ++with_stack;
    EXPECT_EQ(s.created_by, "main thread");
    EXPECT_EQ(s.scope, unit::this_test());
    EXPECT_FALSE(s.stack.empty());
  }
  EXPECT_EQ(with_stack, 3u);
  EXPECT_THAT(
      found.notes,
      testing::Contains(HasSubstr("of one thread in 3 the stack that created it is kept: TASKLEAK_OPTIONS has sample=1/3")));
}

}  // namespace
