// SPDX-License-Identifier: MIT
#include <taskleak/detail/base/light_vector.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

using taskleak::detail::light_vector;

/// Counts the live elements of a vector.
struct counted {
  explicit counted(int n) : number(n) { ++alive; }
  counted(const counted& other) noexcept : number(other.number) { ++alive; }
  counted(counted&& other) noexcept : number(std::exchange(other.number, -1)) { ++alive; }
  counted& operator=(const counted&) = default;
  ~counted() { --alive; }
  int number;
  static inline int alive = 0;
};

template <class T>
std::vector<T> elements_of(const light_vector<T>& all) {
  return {all.begin(), all.end()};
}

TEST(LightVector, HoldsWhatIsPushedInItsOrder) {
  light_vector<std::string> words;
  EXPECT_TRUE(words.empty());
  std::vector<std::string> wanted;
  for (int i = 0; i < 100; ++i) {
    words.push_back("a word that is on the heap: " + std::to_string(i));
    wanted.push_back(words.back());
  }
  EXPECT_EQ(elements_of(words), wanted);
  EXPECT_EQ(words.size(), 100u);
  EXPECT_EQ(words.front(), wanted.front());
  EXPECT_EQ(words[57], wanted[57]);
}

TEST(LightVector, TakesACopyOfItsOwnElement) {
  light_vector<std::string> words{"a word that is on the heap: 0"};
  for (int i = 0; i < 20; ++i) words.push_back(words.front());
  EXPECT_EQ(elements_of(words), std::vector<std::string>(21, "a word that is on the heap: 0"));
}

TEST(LightVector, CopiesAndMovesAndAssigns) {
  const light_vector<int> numbers{3, 1, 2};
  light_vector<int> copy = numbers;
  copy.push_back(4);
  EXPECT_EQ(elements_of(numbers), (std::vector{3, 1, 2}));
  light_vector<int> moved = std::move(copy);
  EXPECT_EQ(elements_of(moved), (std::vector{3, 1, 2, 4}));
  moved = numbers;
  EXPECT_EQ(elements_of(moved), (std::vector{3, 1, 2}));
  moved = moved;  // NOLINT(clang-diagnostic-self-assign-overloaded)
  EXPECT_EQ(elements_of(moved), (std::vector{3, 1, 2}));
  light_vector<int> other{7};
  other.swap(moved);
  EXPECT_EQ(elements_of(other), (std::vector{3, 1, 2}));
  EXPECT_EQ(elements_of(moved), (std::vector{7}));
}

TEST(LightVector, MakesValuesWhereItGrowsBySize) {
  light_vector<int> numbers(3);
  EXPECT_EQ(elements_of(numbers), (std::vector{0, 0, 0}));
  numbers[1] = 5;
  numbers.resize(2);
  numbers.resize(4);
  EXPECT_EQ(elements_of(numbers), (std::vector{0, 5, 0, 0}));
}

TEST(LightVector, HoldsWhatCanOnlyBeMoved) {
  light_vector<std::unique_ptr<int>> owners;
  for (int i = 0; i < 10; ++i) owners.push_back(std::make_unique<int>(i));
  EXPECT_EQ(*owners[9], 9);
}

TEST(LightVector, DestroysEachElementOnce) {
  {
    light_vector<counted> all;
    for (int i = 0; i < 10; ++i) all.emplace_back(i);
    EXPECT_EQ(counted::alive, 10);
    all.erase_from(all.begin() + 7);
    EXPECT_EQ(counted::alive, 7);
    const light_vector<counted> copy = all;
    EXPECT_EQ(counted::alive, 14);
    EXPECT_EQ(copy.back().number, 6);
    all.pop_back();
    all.append(copy.begin(), copy.begin() + 2);
    EXPECT_EQ(all.back().number, 1);
    EXPECT_EQ(counted::alive, 15);
    all.clear();
    EXPECT_EQ(counted::alive, 7);
  }
  EXPECT_EQ(counted::alive, 0);
}

}  // namespace
