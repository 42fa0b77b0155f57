// SPDX-License-Identifier: MIT
/// \file Takes a frozen copy of the process apart into objects: blocks of the heap, static objects, other mappings.
///
/// Left out are the stacks and descriptors of all threads, taskleak's own memory, and shared mappings. What looks like a block in
/// use and is none, since it is kept for reuse, is found out as well: a pointer in it means nothing.
#ifndef TASKLEAK_DETAIL_VERDICT_PROCESS_OBJECTS_HPP
#define TASKLEAK_DETAIL_VERDICT_PROCESS_OBJECTS_HPP

#include <taskleak/detail/base/own_statics.hpp>
#include <taskleak/detail/platform/process_memory.hpp>
#include <taskleak/detail/verdict/object_table.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

class process_objects {
 public:
  process_objects(const static_memory& statics, const descriptor_layout& layout) noexcept : statics_(statics), layout_(layout) {}

  /// Reads the mappings, and finds the stacks of the threads. Returns false when something is not told.
  bool read_maps() noexcept {
    if (!maps_.reserve(most_mappings) || !read_memory_map(maps_) || !areas_.reserve(most_mappings)) return false;
    areas_.collect(layout_, maps_);
    return own_pages.is_complete() && statics_.is_complete();
  }

  /// Adds the stack of a thread, for one that is on none of glibc's lists.
  void add_thread(std::uintptr_t descriptor) noexcept { areas_.add(layout_, maps_, descriptor); }

  /// Makes the table of all objects. Returns false when there is no room for it.
  bool build() noexcept {
    std::size_t bytes = 0;
    for (const memory_mapping& m : maps_)
      if (is_private(m) && !is_asked_in(m)) bytes += m.range.size();
    if (!table_.reserve(bytes, most_regions) || !cuts_.reserve(most_regions) || !arenas_.reserve(most_regions)) return false;
    list_cuts();
    is_asked_ = has_blocks_of_sanitizer() || allocator_.is_there();
    if (is_asked_ && !table_.reserve_asked()) return false;
    if (allocator_.is_there() && !allocator_.begin_questions()) return false;
    for (const address_range& s : statics_)
      if (statics_.counts(s)) table_.add_region(s, object_kind::statics);
    for (const memory_mapping& m : maps_)
      if (is_private(m)) add_mapping(m);
    if (!table_.index()) return false;
    if (!is_asked_) find_free_blocks();
    return true;
  }

  /// Has the marker pass over what is taskleak's or the allocator's among static objects.
  template <class Marker>
  void leave_out_own(Marker& marker) const noexcept {
    marker.leave_out(main_arena_);
    for (const own_static_list::place& p : own_statics) {
      const auto at = reinterpret_cast<std::uintptr_t>(p.at);
      marker.leave_out({at, at + p.bytes});
    }
  }

  template <class Marker>
  void mark_statics(Marker& marker) noexcept {
    for (std::size_t i = 0; i < table_.size(); ++i)
      if (table_[i].kind() == object_kind::statics) marker.mark_root(static_cast<std::uint32_t>(i));
  }

  object_table& table() noexcept { return table_; }
  const page_array<memory_mapping>& maps() const noexcept { return maps_; }
  const thread_areas& areas() const noexcept { return areas_; }

  /// Returns the address, or the first one behind it that has memory: guard pages have none.
  std::uintptr_t first_accessible(std::uintptr_t from) const noexcept {
    for (const memory_mapping& m : maps_)
      if (m.range.to > from) return std::max(from, m.range.from);
    return from;
  }

  /// Returns the static thread-local objects of the thread with this descriptor, or all that may be among them in its mapping.
  address_range storage_of(std::uintptr_t descriptor) const noexcept {
    for (const memory_mapping& m : maps_)
      if (m.range.has(descriptor)) return layout_.storage_of(descriptor, m.range);
    return {};
  }

 private:
  static constexpr std::size_t most_mappings = std::size_t{1} << 17;
  static constexpr std::size_t most_regions = std::size_t{1} << 19;
  /// Larger than any heap, and smaller than the shadow memory of a sanitizer.
  static constexpr std::size_t largest_mapping = std::size_t{1} << 36;

  struct arena {
    std::uintptr_t state = 0;  ///< 0: the main arena
    std::uintptr_t top = 0;
  };

  static bool is_private(const memory_mapping& m) noexcept {
    using kind = memory_mapping::kind;
    return !m.is_shared && m.range.size() < largest_mapping && m.what != kind::main_stack && m.what != kind::special &&
           m.what != kind::device;
  }

  /// Whether the allocator is to be asked for the blocks in the mapping.
  bool is_asked_in(const memory_mapping& m) const noexcept {
    return has_blocks_of_sanitizer() || allocator_.may_have_blocks_in(m);
  }

  /// Lists what is no memory of the program's, by address.
  void list_cuts() noexcept {
    for (const thread_area& a : areas_) cuts_.push(a.memory);
    for (const address_range& own : own_pages) cuts_.push(own);
    for (const address_range& s : statics_) cuts_.push({s.from & ~(heap_layout::page - 1), s.to});
    std::sort(cuts_.begin(), cuts_.end(), [](const address_range& a, const address_range& b) { return a.from < b.from; });
  }

  /// Adds what is left of a mapping between the cuts.
  void add_mapping(const memory_mapping& m) noexcept {
    const bool is_asked = is_asked_in(m);
    if (m.what == memory_mapping::kind::heap && !is_asked) return add_main_heap(m.range);
    std::uintptr_t from = m.range.from;
    const address_range* cut =
        std::lower_bound(cuts_.begin(), cuts_.end(), from, [](const address_range& r, std::uintptr_t at) { return r.from < at; });
    while (cut != cuts_.begin() && cut[-1].to > from) --cut;
    for (; cut != cuts_.end() && cut->from < m.range.to; ++cut) {
      if (cut->from > from) add_piece({from, cut->from}, is_asked);
      from = std::max(from, next_page(cut->to));
    }
    if (from < m.range.to) add_piece({from, m.range.to}, is_asked);
  }

  static std::uintptr_t next_page(std::uintptr_t at) noexcept {
    return (at + heap_layout::page - 1) & ~std::uintptr_t{heap_layout::page - 1};
  }

  /// In a static executable the main thread's storage and descriptor come first, __libc_setup_tls() in csu/libc-tls.c. The first
  /// block behind them is the cache of that thread.
  static std::uintptr_t place_of_first_chunk(address_range range) noexcept {
    constexpr std::size_t most_storage = std::size_t{1} << 20;
    constexpr std::uintptr_t word_of_cache = (thread_cache::bytes + 8) | heap_layout::previous_in_use;
    const std::uintptr_t end = std::min(range.to, range.from + most_storage) - heap_layout::header;
    if (raw_word(range.from + 8) != 0) return range.from;
    for (std::uintptr_t at = range.from; at < end; at += heap_layout::header)
      if (raw_word(at + 8) == word_of_cache) return at;
    return range.from;
  }

  void add_main_heap(address_range range) noexcept {
    arena main;
    const std::uintptr_t first = place_of_first_chunk(range);
    if (add_chunks(range, {first, first + 64}, main.top))
      arenas_.push(main);
    else
      table_.add_region(range, object_kind::opaque);
  }

  /// Adds the chain of chunks that fills the range, if there is one.
  bool add_chunks(address_range range, address_range place_of_first, std::uintptr_t& top) noexcept {
    table_.begin_region(range);
    const bool is_chain = walk_chunks_from(
        place_of_first.from, place_of_first.to, range.to, top, [this] { table_.begin_region_anew(); },
        [this](std::uintptr_t at, std::size_t size) { table_.add(at, size, object_kind::block); });
    is_chain ? table_.end_region() : table_.drop_region();
    return is_chain;
  }

  /// Adds memory of one mapping: there may be several heaps, chunks and other things side by side.
  void add_piece(address_range range, bool is_asked) noexcept {
    if (is_asked) return table_.add_asked_region(range);
    if (allocator_.is_of_leak_sanitizer()) return add_large_blocks(range);
    for (std::uintptr_t at = range.from; at < range.to;) {
      if (const std::size_t size = size_of_mapped_chunk(at, range.to)) {
        table_.add_region({at + heap_layout::header, at + size}, object_kind::block);
        at += size;
      } else if (const arena_heap heap = arena_heap::at(at, range.to); heap.size != 0) {
        add_arena_heap(at, heap);
        at += heap.size;
      } else {
        const std::uintptr_t next = next_heap(at, range.to);
        table_.add_region({at, next}, object_kind::opaque);
        at = next;
      }
    }
  }

  /// Adds the large blocks of LeakSanitizer, which has memory of its own beside them: its list of threads has all handles.
  void add_large_blocks(address_range range) noexcept {
    for (std::uintptr_t at = range.from; at < range.to;) {
      const address_range block = size_classes::large_block_of_leak_sanitizer(at, range.to);
      if (block.size() != 0) table_.add_region(block, object_kind::block);
      at = block.size() != 0 ? block.to : at + heap_layout::page;
    }
  }

  void add_arena_heap(std::uintptr_t at, const arena_heap& heap) noexcept {
    arena found;
    const address_range range{at, at + heap.size};
    if (!add_chunks(range, heap.place_of_first_chunk(at), found.top)) return table_.add_region(range, object_kind::opaque);
    if (!heap.has_arena_in_it(at)) return;
    found.state = heap.arena;
    arenas_.push(found);
  }

  /// Returns where behind `at` the next heap or chunk begins that has a mapping of its own; `end` if none does.
  static std::uintptr_t next_heap(std::uintptr_t at, std::uintptr_t end) noexcept {
    for (at = next_page(at + 1); at < end; at += heap_layout::page)
      if (size_of_mapped_chunk(at, end) != 0 || arena_heap::at(at, end).size != 0) return at;
    return end;
  }

  // ---- blocks that are free and look as if they were in use

  void find_free_blocks() noexcept {
    for (std::size_t i = 0; i < table_.size(); ++i)
      if (table_[i].kind() == object_kind::block && table_[i].size() == thread_cache::bytes) free_blocks_of_cache(table_[i].at());
    for (const arena& a : arenas_) {
      const std::uintptr_t state = a.state ? a.state : find_main_arena(a.top);
      if (state)
        arena_state::for_each_block(state, [this](std::uintptr_t block) {
          const std::uint32_t i = find_block(block);
          if (i != object_table::none) table_[i].set_free();
          return i != object_table::none;
        });
    }
  }

  void free_blocks_of_cache(std::uintptr_t cache) noexcept {
    const auto is_block = [this](std::uintptr_t block, std::size_t size) {
      const std::uint32_t i = find_block(block);
      return i != object_table::none && table_[i].size() == size;
    };
    if (!thread_cache::for_each_block(cache, is_block)) return;
    thread_cache::for_each_block(cache, [this](std::uintptr_t block, std::size_t) {
      table_[find_block(block)].set_free();
      return true;
    });
  }

  std::uint32_t find_block(std::uintptr_t at) noexcept {
    const std::uint32_t i = table_.find(at);
    return i != object_table::none && table_[i].kind() == object_kind::block && table_[i].at() == at ? i : object_table::none;
  }

  /// Finds the state of the main arena by its word that points to the top chunk, behind lists of which each leads to a block.
  std::uintptr_t find_main_arena(std::uintptr_t top) noexcept {
    for (const address_range& s : statics_)
      for (std::uintptr_t at = next_word(s.from) + arena_state::offset_of_top; at + 8 <= s.to; at += 8) {
        if (raw_word(at) != top) continue;
        const std::uintptr_t state = at - arena_state::offset_of_top;
        if (!arena_state::for_each_block(state, [this](std::uintptr_t block) { return find_block(block) != object_table::none; }))
          continue;
        main_arena_ = {state, state + arena_state::bytes};
        return state;
      }
    return 0;
  }

  static std::uintptr_t next_word(std::uintptr_t at) noexcept { return (at + 7) & ~std::uintptr_t{7}; }

  const static_memory& statics_;
  const descriptor_layout& layout_;
  page_array<memory_mapping> maps_;
  thread_areas areas_;
  page_array<address_range> cuts_;
  page_array<arena> arenas_;
  object_table table_;
  address_range main_arena_;  ///< its state, in libc's static memory: its lists lead to blocks that nobody else may know
  const foreign_allocator& allocator_ = foreign_allocator::known();
  bool is_asked_ = false;  ///< whether the allocator tells which blocks there are
};

}  // namespace taskleak::inline v0::detail

#endif
