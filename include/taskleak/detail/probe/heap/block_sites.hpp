// SPDX-License-Identifier: MIT
/// \file Remembers which stack has allocated each block.
#ifndef TASKLEAK_DETAIL_PROBE_HEAP_BLOCK_SITES_HPP
#define TASKLEAK_DETAIL_PROBE_HEAP_BLOCK_SITES_HPP

#include <taskleak/detail/base/hash_mix.hpp>
#include <taskleak/detail/base/spinlock.hpp>
#include <taskleak/detail/platform/pages.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// Is a table of blocks and a table of distinct stacks, in memory of the system: what it says of blocks makes none of them
/// reachable, and it is used where the allocator is. A block takes 16 bytes and room to grow.
class block_sites {
 public:
  static constexpr std::size_t longest_stack = 24;

  constexpr block_sites() noexcept = default;

  void note(std::uintptr_t block, const void* const* addresses, std::size_t depth) noexcept {
    const std::uint32_t stack = number_of(addresses, std::min(depth, longest_stack));
    if (stack == 0) return;
    shard& s = shard_of(block);
    const spin_guard guard(s.lock);
    if (2 * (s.used + 1) > s.places && !grow(s)) return;
    enter(s, {block, stack});
  }

  void forget(std::uintptr_t block) noexcept {
    shard& s = shard_of(block);
    const spin_guard guard(s.lock);
    if (entry* const found = find(s, block)) found->stack = 0;  // keeps its place, so that those behind it are found
  }

  std::size_t find(std::uintptr_t block, std::uintptr_t* addresses, std::size_t most) noexcept {
    std::uint32_t number = 0;
    {
      shard& s = shard_of(block);
      const spin_guard guard(s.lock);
      const entry* const found = find(s, block);
      number = found ? found->stack : 0;
    }
    if (number == 0) return 0;
    const kept_stack& stack = stacks_[number / stacks_in_part][number % stacks_in_part];
    const std::size_t depth = std::min<std::size_t>(stack.depth, most);
    for (std::size_t i = 0; i < depth; ++i) addresses[i] = reinterpret_cast<std::uintptr_t>(stack.addresses[i]);
    return depth;
  }

 private:
  struct entry {
    std::uintptr_t block = 0;  ///< 0: a free place
    std::uint32_t stack = 0;   ///< 0: the block has been given back
  };
  struct shard {
    spinlock lock;
    entry* entries = nullptr;
    std::size_t places = 0;  ///< a power of two
    std::size_t used = 0;    ///< those of blocks that were given back among them
  };
  struct kept_stack {
    std::uint32_t depth = 0;
    const void* addresses[longest_stack];
  };

  static constexpr unsigned shard_bits = 6;
  static constexpr std::size_t first_places = 1024;
  static constexpr std::size_t stacks_in_part = 4096;
  static constexpr std::size_t most_parts = 64;
  static constexpr unsigned index_bits = 19;

  shard& shard_of(std::uintptr_t block) noexcept { return shards_[spread(block >> 4, shard_bits)]; }

  static std::size_t place_of(const shard& s, std::uintptr_t block) noexcept {
    std::size_t mixed = block >> 4;
    mix_into(mixed, block);
    return mixed & (s.places - 1);
  }

  static entry* find(shard& s, std::uintptr_t block) noexcept {
    if (!s.entries) return nullptr;
    for (std::size_t at = place_of(s, block); s.entries[at].block != 0; at = (at + 1) & (s.places - 1))
      if (s.entries[at].block == block) return &s.entries[at];
    return nullptr;
  }

  static void enter(shard& s, entry made) noexcept {
    std::size_t at = place_of(s, made.block);
    while (s.entries[at].block != 0 && s.entries[at].block != made.block) at = (at + 1) & (s.places - 1);
    if (s.entries[at].block == 0) ++s.used;
    s.entries[at] = made;
  }

  /// Makes a larger table of the blocks that are in use; as large a one where most have been given back.
  static bool grow(shard& s) noexcept {
    std::size_t in_use = 0;
    for (std::size_t i = 0; i < s.places; ++i) in_use += s.entries[i].stack != 0;
    shard larger;
    larger.places = std::max(first_places, 4 * in_use >= s.places ? 2 * s.places : s.places);
    larger.entries = static_cast<entry*>(take_pages(larger.places * sizeof(entry)));
    if (!larger.entries) return false;
    for (std::size_t i = 0; i < s.places; ++i)
      if (s.entries[i].stack != 0) enter(larger, s.entries[i]);
    s.entries = larger.entries;
    s.places = larger.places;
    s.used = larger.used;
    return true;
  }

  /// Returns the number of the stack, which many blocks share; 0 where there is no room.
  std::uint32_t number_of(const void* const* addresses, std::size_t depth) noexcept {
    std::size_t hash = depth;
    for (std::size_t i = 0; i < depth; ++i) mix_into(hash, reinterpret_cast<std::uintptr_t>(addresses[i]));
    const spin_guard guard(stacks_lock_);
    if (!by_hash_ && !(by_hash_ = static_cast<std::uint32_t*>(take_pages(sizeof(std::uint32_t) << index_bits)))) return 0;
    std::size_t at = hash & ((std::size_t{1} << index_bits) - 1);
    for (; by_hash_[at] != 0; at = (at + 1) & ((std::size_t{1} << index_bits) - 1)) {
      const kept_stack& known = stacks_[by_hash_[at] / stacks_in_part][by_hash_[at] % stacks_in_part];
      if (known.depth == depth && std::equal(addresses, addresses + depth, known.addresses)) return by_hash_[at];
    }
    const std::uint32_t number = last_stack_ + 1;
    if (number / stacks_in_part == most_parts) return 0;
    kept_stack*& part = stacks_[number / stacks_in_part];
    if (!part && !(part = static_cast<kept_stack*>(take_pages(stacks_in_part * sizeof(kept_stack))))) return 0;
    kept_stack& made = part[number % stacks_in_part];
    std::copy(addresses, addresses + depth, made.addresses);
    made.depth = static_cast<std::uint32_t>(depth);
    last_stack_ = number;
    return by_hash_[at] = number;
  }

  shard shards_[std::size_t{1} << shard_bits];
  spinlock stacks_lock_;
  std::uint32_t* by_hash_ = nullptr;  ///< twice as many places as there may be stacks; 0: a free place
  kept_stack* stacks_[most_parts]{};
  std::uint32_t last_stack_ = 0;
};

}  // namespace taskleak::inline v0::detail

#endif
