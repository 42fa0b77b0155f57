// SPDX-License-Identifier: MIT
/// \file Remembers the blocks of the heap that a sanitizer's allocator has told of, each once.
#ifndef TASKLEAK_DETAIL_VERDICT_ASKED_BLOCKS_HPP
#define TASKLEAK_DETAIL_VERDICT_ASKED_BLOCKS_HPP

#include <taskleak/detail/base/hash_mix.hpp>
#include <taskleak/detail/platform/process_memory.hpp>

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// Maps the address of a block to the number of its object.
class asked_blocks {
 public:
  static constexpr unsigned bits = 23;
  static constexpr std::size_t most = std::size_t{1} << (bits - 1);

  bool reserve() noexcept { return places_.reserve(size) && places_.extend(size); }

  /// Returns the number of the block's object; 0 where the block is new: then `number`, which is not 0, is its number from now
  /// on.
  std::uint32_t enter(std::uintptr_t block, std::uint32_t number) noexcept {
    std::size_t at = spread(block, bits);
    for (; places_[at].number != 0; at = (at + 1) % size)
      if (places_[at].block == block) return places_[at].number;
    places_[at] = {block, number};
    return 0;
  }

 private:
  static constexpr std::size_t size = std::size_t{1} << bits;

  struct place {
    std::uintptr_t block;
    std::uint32_t number;
  };
  page_array<place> places_;
};

}  // namespace taskleak::inline v0::detail

#endif
