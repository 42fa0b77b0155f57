// SPDX-License-Identifier: MIT
/// \file Follows pointers from object to object through a frozen copy of the process, as a conservative garbage collector does: a
/// word that may be a pointer is one.
#ifndef TASKLEAK_DETAIL_VERDICT_MARKER_HPP
#define TASKLEAK_DETAIL_VERDICT_MARKER_HPP

#include <taskleak/detail/base/own_block.hpp>
#include <taskleak/detail/platform/process_memory.hpp>
#include <taskleak/detail/verdict/object_table.hpp>

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// Marks what can be reached. `Watcher` is told of words in a range of its own, which are no pointers to objects:
///
///     address_range watched() const;
///     void saw(std::uintptr_t word, std::uintptr_t at);
///
/// A look-up in the table waits for memory twice. So words wait in a ring until the memory that their look-up needs has been
/// fetched, which halves the time.
template <class Watcher>
class marker {
 public:
  marker(object_table& table, Watcher& watcher) noexcept : table_(table), watcher_(watcher) {}

  bool reserve() noexcept {
    return found_at_.reserve(table_.most()) && found_at_.extend(table_.most()) && queue_.reserve(table_.most());
  }

  /// Sets what is never looked into.
  void leave_out(address_range range) noexcept {
    if (left_out_count_ < most_left_out) left_out_[left_out_count_++] = range;
  }

  /// Takes one word as if it had been found at that address.
  void take(std::uintptr_t word, std::uintptr_t at) noexcept {
    if (watcher_.watched().has(word)) watcher_.saw(word, at);
    if (const std::uint32_t i = table_.find(word); i != object_table::none) mark(i, at);
  }

  /// Looks at all words of the range, but for those that are left out.
  void scan(address_range range) noexcept {
    for (unsigned i = 0; i < left_out_count_; ++i) {
      const address_range& hole = left_out_[i];
      if (hole.from >= range.to || hole.to <= range.from) continue;
      if (hole.from > range.from) scan({range.from, hole.from});
      if (hole.to < range.to) scan({hole.to, range.to});
      return;
    }
    scan_words(range.from, range.to);
  }

  /// Follows pointers until nothing new is found.
  void run() noexcept {
    while (next_ < queue_.size() || waiting_ > 0) {
      if (next_ == queue_.size()) {
        settle_all();
        continue;
      }
      if (next_ + 8 < queue_.size()) __builtin_prefetch(reinterpret_cast<const void*>(table_[queue_[next_ + 8]].at()));
      if (next_ + 16 < queue_.size()) __builtin_prefetch(&table_[queue_[next_ + 16]]);
      if (const address_range range = table_[queue_[next_++]].range(); !is_own_block(range)) scan(range);
    }
  }

  /// Looks again at all that has been reached, and from now on at words that are not aligned, and at pointers that carry a tag in
  /// their upper bits. Roots that are no objects have to be scanned anew by who knows them. Only what leads to something new
  /// counts: to what lies between the first and the last object of a region that have not been reached.
  void be_thorough() noexcept {
    is_thorough_ = true;
    queue_.shrink_to(0);
    next_ = 0;
    for (std::size_t i = 0; i < table_.size(); ++i)
      if (table_[i].is_marked()) queue_.push(static_cast<std::uint32_t>(i));
    table_.note_what_is_not_reached();
  }

  /// Marks an object that is reached by no pointer: a root.
  void mark_root(std::uint32_t object) noexcept { mark(object, 0); }

  /// Where the pointer was found by which the object was reached first; 0 for a root.
  std::uintptr_t found_at(std::uint32_t object) const noexcept { return found_at_[object]; }

 private:
  TASKLEAK_UNSANITIZED static bool is_own_block(const address_range& range) noexcept {
    if (range.size() < sizeof(own_block_mark)) return false;
    const auto* const words = reinterpret_cast<const std::uint64_t*>(range.from);
    return words[0] == own_block_mark::first && words[1] == own_block_mark::second;
  }

  struct word_in_ring {
    std::uintptr_t word;
    std::uintptr_t at;
    const object_table::region* in;
  };
  static constexpr unsigned ring_size = 32;
  static constexpr unsigned most_left_out = 64;

  TASKLEAK_UNSANITIZED void scan_words(std::uintptr_t from, std::uintptr_t to) noexcept {
    if (is_thorough_) return scan_words_thoroughly(from, to);
    const address_range all = table_.all(), watched = watcher_.watched();
    for (std::uintptr_t at = (from + 7) & ~std::uintptr_t{7}; at + 8 <= to; at += 8) {
      const std::uintptr_t word = *reinterpret_cast<const std::uintptr_t*>(at);
      if (watched.has(word)) watcher_.saw(word, at);
      if (all.has(word)) put_in_ring(word, at);
    }
  }

  TASKLEAK_UNSANITIZED void scan_words_thoroughly(std::uintptr_t from, std::uintptr_t to) noexcept {
    struct [[gnu::packed, gnu::may_alias]] unaligned {
      std::uintptr_t word;
    };
    constexpr std::uintptr_t step = 4;
    constexpr std::uintptr_t address_bits = (std::uintptr_t{1} << 48) - 1;
    const address_range all = table_.all(), watched = watcher_.watched();
    for (std::uintptr_t at = (from + step - 1) & ~(step - 1); at + sizeof(unaligned) <= to; at += step) {
      const std::uintptr_t word = reinterpret_cast<const unaligned*>(at)->word & address_bits;
      if (watched.has(word)) watcher_.saw(word, at);
      if (all.has(word)) put_in_ring(word, at);
    }
  }

  void put_in_ring(std::uintptr_t word, std::uintptr_t at) noexcept {
    const object_table::region* const in = table_.region_of(word);
    if (!in || (is_thorough_ && !in->not_reached.has(word))) return;
    if (in->is_asked) {
      if (const std::uint32_t i = table_.find(word, *in); i != object_table::none) mark(i, at);
      return;
    }
    if (in->count == 1) {
      if (table_[in->first].has(word)) mark(in->first, at);
      return;
    }
    word_in_ring& slot = ring_[ring_at_ % ring_size];
    if (waiting_ == ring_size)
      settle(slot);
    else
      ++waiting_;
    slot = {word, at, in};
    table_.prefetch_pages(word, *in);
    if (waiting_ > ring_size / 2) {
      const word_in_ring& half_way = ring_[(ring_at_ - ring_size / 2) % ring_size];
      table_.prefetch_objects(half_way.word, *half_way.in);
    }
    ++ring_at_;
  }

  void settle(const word_in_ring& w) noexcept {
    if (const std::uint32_t i = table_.find(w.word, *w.in); i != object_table::none) mark(i, w.at);
  }

  void settle_all() noexcept {
    for (unsigned i = 0; i < waiting_; ++i) settle(ring_[(ring_at_ - waiting_ + i) % ring_size]);
    waiting_ = 0;
  }

  void mark(std::uint32_t object, std::uintptr_t at) noexcept {
    memory_object& o = table_[object];
    if (o.is_marked() || o.is_free()) return;
    o.mark();
    found_at_[object] = at;
    queue_.push(object);
  }

  object_table& table_;
  Watcher& watcher_;
  page_array<std::uintptr_t> found_at_;
  page_array<std::uint32_t> queue_;
  std::size_t next_ = 0;
  word_in_ring ring_[ring_size];
  unsigned ring_at_ = 0;
  unsigned waiting_ = 0;
  address_range left_out_[most_left_out];
  unsigned left_out_count_ = 0;
  bool is_thorough_ = false;
};

}  // namespace taskleak::inline v0::detail

#endif
