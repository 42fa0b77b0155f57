// SPDX-License-Identifier: MIT
/// \file The parallel algorithms of libstdc++, which run in oneTBB's pool.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <execution>
#include <vector>

TEST(Parallel, SortAndTransform) {
  std::vector<int> numbers(200'000);
  int next = 0;
  for (int& n : numbers) n = next = (next * 1103515245 + 12345) & 0x7FFF;
  std::sort(std::execution::par, numbers.begin(), numbers.end());
  EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));

  std::atomic<int> here{0};
  std::for_each(std::execution::par, numbers.begin(), numbers.end(), [&](int& n) { n += ++here > 0 ? 1 : 0; });
  EXPECT_EQ(here, 200'000);
}
