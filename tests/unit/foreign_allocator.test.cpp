// SPDX-License-Identifier: MIT
/// \file The block around an address, as an allocator other than glibc's tells of it. Run once with each allocator preloaded.
#include <taskleak/detail/platform/process_memory.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <utility>
#include <vector>

namespace {

using taskleak::detail::address_range;
using taskleak::detail::foreign_allocator;

/// Blocks of many sizes, of which some have been freed in between.
class many_blocks {
 public:
  many_blocks() {
    for (int i = 0; i < 20'000; ++i) {
      const std::size_t size = 1 + random_() % (i % 10 == 0 ? 14'000 : 300);
      blocks_.emplace_back(static_cast<char*>(std::malloc(size)), size);
      if (random_() % 3 == 0) free_one();
    }
  }
  ~many_blocks() {
    while (!blocks_.empty()) free_one();
  }
  many_blocks(const many_blocks&) = delete;
  many_blocks& operator=(const many_blocks&) = delete;

  auto begin() const { return blocks_.begin(); }
  auto end() const { return blocks_.end(); }

 private:
  void free_one() {
    std::swap(blocks_[random_() % blocks_.size()], blocks_.back());
    std::free(blocks_.back().first);
    blocks_.pop_back();
  }

  std::mt19937 random_{7};
  std::vector<std::pair<char*, std::size_t>> blocks_;
};

TEST(ForeignAllocator, TellsTheBlockAroundAnAddressToTheByte) {
  const foreign_allocator& allocator = foreign_allocator::known();
  if (!allocator.is_there()) GTEST_SKIP() << "malloc() is glibc's, or a sanitizer's";
  const many_blocks blocks;
  ASSERT_TRUE(allocator.begin_questions());
  std::size_t wrong = 0;
  for (const auto& [block, size] : blocks)
    for (const std::size_t offset : {std::size_t{0}, size / 2, size - 1}) {
      const address_range told = allocator.block_at(reinterpret_cast<std::uintptr_t>(block) + offset);
      if (told.from != reinterpret_cast<std::uintptr_t>(block) || told.size() < size) ++wrong;
    }
  EXPECT_EQ(wrong, 0u);
}

TEST(ForeignAllocator, IsAskedForWhatIsNoBlockOfItsWithoutHarm) {
  const foreign_allocator& allocator = foreign_allocator::known();
  if (!allocator.is_there() || allocator.is_of_leak_sanitizer()) GTEST_SKIP() << "it is not to be asked for everything";
  ASSERT_TRUE(allocator.begin_questions());
  const int local = 0;
  EXPECT_LE(allocator.block_at(reinterpret_cast<std::uintptr_t>(&local)).size(), 8u);
  EXPECT_LE(allocator.block_at(0x1000).size(), 8u);
}

}  // namespace
