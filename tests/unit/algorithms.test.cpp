// SPDX-License-Identifier: MIT
#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/light_vector.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

namespace {

namespace detail = taskleak::detail;

/// Numbers in no order, some of them more than once.
std::vector<unsigned> numbers(std::size_t count) {
  std::vector<unsigned> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(static_cast<unsigned>(i * 7919 % (count / 2 + 1)));
  return all;
}

TEST(Algorithms, SortListsOfAnyLength) {
  for (std::size_t count = 0; count < 70; ++count) {
    std::vector<unsigned> sorted = numbers(count), wanted = sorted;
    std::sort(wanted.begin(), wanted.end());
    detail::sort(sorted);
    EXPECT_EQ(sorted, wanted);
  }
}

TEST(Algorithms, SortByWhatTheCallerComparesAndMoveOnly) {
  std::vector<std::unique_ptr<unsigned>> sorted;
  for (const unsigned n : numbers(33)) sorted.push_back(std::make_unique<unsigned>(n));
  detail::sort(sorted, [](const auto& a, const auto& b) { return *a > *b; });
  EXPECT_TRUE(std::is_sorted(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return *a > *b; }));
}

TEST(Algorithms, EraseWhatThePredicateNamesAndKeepTheOrderOfTheRest) {
  std::vector<unsigned> all = numbers(40), wanted = all;
  const auto is_odd = [](unsigned n) { return n % 2 != 0; };
  std::erase_if(wanted, is_odd);
  detail::erase_if(all, is_odd);
  EXPECT_EQ(all, wanted);
  detail::erase_if(all, [](unsigned) { return true; });
  EXPECT_TRUE(all.empty());
  detail::light_vector<unsigned> light{1, 2, 3, 4};
  detail::erase_if(light, is_odd);
  detail::sort(light, [](unsigned a, unsigned b) { return a > b; });
  EXPECT_EQ((std::vector<unsigned>{light.begin(), light.end()}), (std::vector<unsigned>{4, 2}));
}

}  // namespace
