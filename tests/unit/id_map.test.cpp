// SPDX-License-Identifier: MIT
#include <taskleak/detail/base/id_map.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>

namespace {

using taskleak::detail::id_map;

TEST(IdMap, FindsWhatWasAddedHoweverLargeItGrows) {
  id_map<std::uint64_t> squares;
  EXPECT_TRUE(squares.empty());
  EXPECT_EQ(squares.find(0), nullptr);
  for (std::uint64_t i = 0; i < 5000; ++i) squares.add(i * 4096, i * i);
  for (std::uint64_t i = 0; i < 5000; ++i) {
    ASSERT_NE(squares.find(i * 4096), nullptr);
    EXPECT_EQ(*squares.find(i * 4096), i * i);
  }
  EXPECT_EQ(squares.find(1), nullptr);
}

TEST(IdMap, LeavesItsObjectsWhereTheyAre) {
  id_map<std::string> names;
  const std::string& first = names[7] = "seven";
  for (std::uint64_t i = 8; i < 1000; ++i) names[i] = std::to_string(i);
  EXPECT_EQ(&names[7], &first);
  EXPECT_EQ(first, "seven");
}

TEST(IdMap, DestroysItsObjects) {
  const auto shared = std::make_shared<int>(1);
  {
    id_map<std::shared_ptr<int>> owners;
    for (std::uint64_t i = 0; i < 20; ++i) owners[i] = shared;
    owners.clear();
    EXPECT_TRUE(owners.empty());
    EXPECT_EQ(shared.use_count(), 1);
    owners[3] = shared;
  }
  EXPECT_EQ(shared.use_count(), 1);
}

}  // namespace
