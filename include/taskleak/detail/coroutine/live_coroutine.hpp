// SPDX-License-Identifier: MIT
/// \file Copies of what is known of the live coroutines, for a check to look at.
#ifndef TASKLEAK_DETAIL_COROUTINE_LIVE_COROUTINE_HPP
#define TASKLEAK_DETAIL_COROUTINE_LIVE_COROUTINE_HPP

#include <taskleak/detail/coroutine/node.hpp>
#include <taskleak/detail/coroutine/table.hpp>
#include <taskleak/detail/platform/linux/foreign_memory.hpp>
#include <taskleak/detail/registry/gather.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

struct live_coroutine {
  coroutine_birth birth;
  coroutine_slot* slot = nullptr;
  std::uintptr_t address = 0;  ///< of the original of `data`
  coroutine_data data;

  std::uint64_t id() const noexcept { return data.id(); }
  std::uintptr_t frame() const noexcept { return address - data.words_from_frame * sizeof(void*); }
  std::uintptr_t end_of_promise() const noexcept { return address + sizeof data; }
  std::uintptr_t awaiter() const noexcept {
    return data.state == coroutine_state::suspended ? reinterpret_cast<std::uintptr_t>(data.awaiter) : 0;
  }
};

/// The state, with what the coroutine itself did not say: one that ended by an exception, and one whose author tracks it by
/// tracked<>, comes to its end unseen.
inline coroutine_state state_of(const live_coroutine& c, bool is_at_its_end) noexcept {
  return is_at_its_end && c.data.state != coroutine_state::suspended ? coroutine_state::finished : c.data.state;
}

/// Reads the data of coroutines that may be gone, a thousand with a system call, and leaves those out that are.
///
/// A coroutine that is destroyed while its data is copied has cleared its slot by then, or its memory is no more. One that was
/// made at the same address in the same slot meanwhile is as good.
inline void read_data(std::vector<live_coroutine>& all) {
  std::vector<memory_piece> pieces;
  pieces.reserve(all.size());
  for (live_coroutine& c : all) pieces.push_back({c.address, &c.data, sizeof c.data});
  copy_pieces(pieces);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool is_there =
        pieces[i].copied && all[i].data.slot == all[i].slot && (all[i].slot->load_acquire() & ~slot_is_settled) == all[i].address;
    if (is_there) all[kept++] = all[i];
  }
  all.resize(kept);
}

/// Sorts what is small, and moves each of the others once.
inline std::vector<live_coroutine> sorted_by_id(const std::vector<live_coroutine>& all) {
  std::vector<std::pair<std::uint64_t, std::size_t>> order;
  order.reserve(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) order.emplace_back(all[i].id(), i);
  std::sort(order.begin(), order.end());
  std::vector<live_coroutine> sorted;
  sorted.reserve(all.size());
  for (const auto& [id, index] : order) sorted.push_back(all[index]);
  return sorted;
}

/// The coroutines younger than the epoch for which `wanted(birth, is settled)`, oldest first by their ids.
template <class Wanted>
std::vector<live_coroutine> copy_coroutines_younger_than(std::uint64_t epoch, Wanted&& wanted) {
  std::vector<live_coroutine> copies = gather<live_coroutine>([&](auto&& found) {
    all_coroutines.for_each_younger_than(epoch, [&](const coroutine_block& block, coroutine_slot& slot, std::uintptr_t in_slot) {
      if (!wanted(block.birth, (in_slot & slot_is_settled) != 0)) return;
      found([&](live_coroutine& to) {
        to.birth = block.birth;
        to.slot = &slot;
        to.address = in_slot & ~slot_is_settled;
      });
    });
  });
  read_data(copies);
  return sorted_by_id(copies);
}

/// A check has dealt with the coroutine: no other looks at it again.
inline void settle(const live_coroutine& c) noexcept {
  std::uintptr_t expected = c.address;
  c.slot->compare_exchange(expected, c.address | slot_is_settled);
}

}  // namespace taskleak::inline v0::detail

#endif
