// SPDX-License-Identifier: MIT
/// \file Copies what is known of the live coroutines, for a check to look at.
#ifndef TASKLEAK_DETAIL_PROBE_COROUTINE_LIVE_COROUTINE_HPP
#define TASKLEAK_DETAIL_PROBE_COROUTINE_LIVE_COROUTINE_HPP

#include <taskleak/detail/base/gather.hpp>
#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/platform/foreign_memory.hpp>
#include <taskleak/detail/probe/coroutine/node.hpp>
#include <taskleak/detail/probe/coroutine/table.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace taskleak::inline v0::detail {

struct live_coroutine {
  coroutine_birth birth;
  coroutine_slot* slot = nullptr;
  std::uintptr_t address = 0;  ///< the address of the original of `data`
  coroutine_data data;

  std::uint64_t id() const noexcept { return data.id(); }
  std::uintptr_t frame() const noexcept { return address - data.words_from_frame * sizeof(void*); }
  std::uintptr_t end_of_promise() const noexcept { return address + sizeof data; }
  std::uintptr_t awaiter() const noexcept {
    return data.state == coroutine_state::suspended ? reinterpret_cast<std::uintptr_t>(data.awaiter) : 0;
  }
};

/// Returns the state, also of a coroutine whose end was not noted: it ended by an exception, or is tracked by tracked<>.
inline coroutine_state state_of(const live_coroutine& c, bool is_at_its_end) noexcept {
  return is_at_its_end && c.data.state != coroutine_state::suspended ? coroutine_state::finished : c.data.state;
}

/// Reads the data of coroutines that may be gone into `data_of(index)`, many with one system call, and calls `judge(index, is
/// there)` for each in turn.
///
/// A coroutine that is destroyed while its data is copied has cleared its slot by then, or its memory is gone. A coroutine that
/// was made meanwhile at the same address in the same slot is as good.
template <class DataOf, class Judge>
void read_data(const light_vector<live_coroutine>& all, DataOf&& data_of, Judge&& judge) {
  constexpr std::size_t at_once = 8192;
  light_vector<memory_piece> pieces;
  for (std::size_t first = 0; first < all.size(); first += at_once) {
    const std::size_t end = std::min(first + at_once, all.size());
    pieces.clear();
    for (std::size_t i = first; i < end; ++i) pieces.push_back({all[i].address, &data_of(i), sizeof(coroutine_data)});
    copy_pieces(pieces);
    for (std::size_t i = first; i < end; ++i) {
      const live_coroutine& c = all[i];
      const std::uintptr_t in_slot = c.slot->load_acquire() & ~slot_is_settled;
      judge(i, pieces[i - first].copied && data_of(i).slot == c.slot && in_slot == c.address);
    }
  }
}

inline void read_data(light_vector<live_coroutine>& all) {
  std::size_t kept = 0;
  read_data(
      all, [&](std::size_t i) -> coroutine_data& { return all[i].data; },
      [&](std::size_t i, bool is_there) {
        if (is_there) all[kept++] = all[i];
      });
  all.resize(kept);
}

/// Returns for each coroutine whether it has not been destroyed since it was copied.
inline light_vector<bool> still_there(const light_vector<live_coroutine>& all) {
  light_vector<bool> are_there(all.size());
  light_vector<coroutine_data> now(std::min<std::size_t>(all.size(), 8192));
  read_data(
      all, [&](std::size_t i) -> coroutine_data& { return now[i % now.size()]; },
      [&](std::size_t i, bool is_there) { are_there[i] = is_there && now[i % now.size()].id() == all[i].id(); });
  return are_there;
}

/// Sorts by id. The tables list the coroutines of one thread newest first.
inline void sort_by_id(light_vector<live_coroutine>& all) {
  const auto older = [](const live_coroutine& a, const live_coroutine& b) { return a.id() < b.id(); };
  if (std::is_sorted(all.begin(), all.end(), older)) return;
  std::reverse(all.begin(), all.end());
  if (std::is_sorted(all.begin(), all.end(), older)) return;
  // sorts small pairs, and then moves each coroutine once
  light_vector<std::pair<std::uint64_t, std::size_t>> order;
  order.reserve(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) order.emplace_back(all[i].id(), i);
  std::sort(order.begin(), order.end());
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (order[i].second == i) continue;
    const live_coroutine displaced = all[i];
    std::size_t at = i;
    for (std::size_t from = order[at].second; from != i; from = order[at].second) {
      all[at] = all[from];
      order[at].second = at;
      at = from;
    }
    all[at] = displaced;
    order[at].second = at;
  }
}

/// Returns the coroutines younger than the epoch for which `wanted(birth, is settled)` is true, oldest first by their ids.
template <class Wanted>
light_vector<live_coroutine> copy_coroutines_younger_than(std::uint64_t epoch, Wanted&& wanted) {
  light_vector<live_coroutine> copies;
  all_coroutines.look_between_births([&] {
    if (!copies.empty()) return;  // no second copy of many: a look that misses one of them has still found something
    copies = gather<live_coroutine>([&](auto&& found) {
      all_coroutines.for_each_younger_than(epoch,
                                           [&](const coroutine_block& block, coroutine_slot& slot, std::uintptr_t in_slot) {
                                             if (!wanted(block.birth, (in_slot & slot_is_settled) != 0)) return;
                                             found([&](live_coroutine& to) {
                                               to.birth = block.birth;
                                               to.slot = &slot;
                                               to.address = in_slot & ~slot_is_settled;
                                             });
                                           });
    });
    read_data(copies);
  });
  sort_by_id(copies);
  return copies;
}

/// Holds enough of a coroutine to recognise it later.
struct coroutine_mark {
  std::uint64_t id;
  coroutine_slot* slot;
  std::uintptr_t address;
};

inline coroutine_mark mark_of(const live_coroutine& c) noexcept { return {c.id(), c.slot, c.address}; }

/// Notes that a check has dealt with the coroutine: no later check looks at it.
inline void settle(const coroutine_mark& c) noexcept {
  std::uintptr_t expected = c.address;
  c.slot->compare_exchange(expected, c.address | slot_is_settled);
}

}  // namespace taskleak::inline v0::detail

#endif
