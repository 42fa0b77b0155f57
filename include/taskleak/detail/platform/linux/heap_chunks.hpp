// SPDX-License-Identifier: MIT
/// \file Knows how glibc's malloc lays out its memory: malloc/malloc.c and malloc/arena.c of glibc 2.26 to 2.42.
///
/// A chunk has its size in its second word, with three flags below, and the size of the chunk before it in the first word if that
/// one is free. So the chunks of a heap are a chain from its beginning to its end, and everything that is no such chain is no
/// heap.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_HEAP_CHUNKS_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_HEAP_CHUNKS_HPP

#include <taskleak/detail/platform/linux/own_pages.hpp>
#include <taskleak/detail/platform/linux/raw_memory.hpp>

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

namespace heap_layout {
inline constexpr std::uintptr_t flags = 7;
inline constexpr std::uintptr_t previous_in_use = 1;
inline constexpr std::uintptr_t has_own_mapping = 2;
inline constexpr std::size_t header = 16;
inline constexpr std::size_t smallest_chunk = 32;
inline constexpr std::size_t page = 4096;
inline constexpr std::uintptr_t heap_alignment = std::uintptr_t{64} << 20;  ///< of an arena's heap: HEAP_MAX_SIZE
}  // namespace heap_layout

/// Calls `take(address, bytes)` with what malloc() has returned for each chunk in use of the chain that begins at `at`. Returns
/// false, maybe after some calls, where there is no chain up to the end. `top` is the last chunk, which is free.
template <class Take>
TASKLEAK_UNSANITIZED bool walk_chunks(std::uintptr_t at, std::uintptr_t end, std::uintptr_t& top, Take&& take) noexcept {
  using namespace heap_layout;
  for (bool is_first = true;; is_first = false) {
    if (at > end || end - at <= smallest_chunk) return !is_first;
    const std::uintptr_t word = raw_word(at + 8);
    __builtin_prefetch(reinterpret_cast<const void*>(at + 2048));  // what the processor fetches ahead by itself ends at each page
    const std::size_t size = word & ~flags;
    if (size == header && end - at <= smallest_chunk + header) return !is_first;  // marks the end of a heap that was left
    if (size < smallest_chunk || size % header != 0 || (word & has_own_mapping) || size > end - at) return false;
    if (end - at - size < header) {
      top = at;
      return true;
    }
    const std::uintptr_t next = raw_word(at + size + 8);
    if ((next & ~flags) < header) return false;
    if (next & previous_in_use)
      take(at + header, size - 8);
    else if (raw_word(at + size) != size)
      return false;
    at += size;
  }
}

/// Walks the chunks that begin at one of these addresses, a multiple of 16; `begin()` is called before each try.
template <class Begin, class Take>
bool walk_chunks_from(std::uintptr_t first, std::uintptr_t last, std::uintptr_t end, std::uintptr_t& top, Begin&& begin,
                      Take&& take) noexcept {
  for (std::uintptr_t at = (first + 15) & ~std::uintptr_t{15}; at < last && at < end; at += 16) {
    begin();
    if (walk_chunks(at, end, top, take)) return true;
  }
  return false;
}

/// Describes a heap of an arena that is not the main one, with its head: heap_info in malloc/arena.c.
struct arena_heap {
  std::uintptr_t arena = 0;
  std::size_t size = 0;

  /// Reads the head; `size` stays 0 where there is none.
  static arena_heap at(std::uintptr_t address, std::uintptr_t end) noexcept {
    using namespace heap_layout;
    arena_heap heap;
    if (address % heap_alignment != 0 || end - address < page) return heap;
    heap.arena = raw_word(address);
    const std::size_t size = raw_word(address + 16);
    const bool is_one = heap.arena > page && size >= page && size % page == 0 && size <= heap_alignment && size <= end - address;
    if (is_one) heap.size = size;
    return heap;
  }

  bool has_arena_in_it(std::uintptr_t address) const noexcept { return arena > address && arena < address + 256; }

  /// Returns where the first chunk is to be looked for: behind the head, whose size has changed, and behind the arena's state, if
  /// it is the first heap of the arena.
  address_range place_of_first_chunk(std::uintptr_t address) const noexcept {
    return has_arena_in_it(address) ? address_range{arena + 2000, arena + 2600} : address_range{address + 32, address + 112};
  }
};

/// Returns the size of a chunk with a mapping of its own that begins at this page; 0 if none does.
inline std::size_t size_of_mapped_chunk(std::uintptr_t at, std::uintptr_t end) noexcept {
  using namespace heap_layout;
  if (end - at < page) return 0;
  const std::uintptr_t word = raw_word(at + 8);
  const std::size_t size = word & ~flags;
  const bool is_one = raw_word(at) == 0 && (word & flags) == has_own_mapping && size != 0 && size % page == 0 && size <= end - at;
  return is_one ? size : 0;
}

/// The list nodes of free blocks are scrambled with their own address: PROTECT_PTR, since glibc 2.32.
inline std::uintptr_t next_free_block(std::uintptr_t node) noexcept { return raw_word(node) ^ (node >> 12); }

/// Describes a thread's cache of free blocks, tcache_perthread_struct of glibc 2.30 to 2.41, which look as if they were in use.
struct thread_cache {
  static constexpr std::size_t bytes = 0x288;  ///< of its own block
  static constexpr std::size_t lists = 64;
  static constexpr std::size_t longest = 127;

  /// Calls `take(block, bytes)` for each free block; `take` returns false for what is no block, and then nothing here is a cache.
  template <class Take>
  static bool for_each_block(std::uintptr_t at, Take&& take) noexcept {
    for (std::size_t i = 0; i < lists; ++i) {
      const unsigned count = raw_word<std::uint16_t>(at + 2 * i);
      if (count > longest) return false;
      unsigned length = 0;
      for (std::uintptr_t block = raw_word(at + 2 * lists + 8 * i); block != 0; block = next_free_block(block))
        if (++length > count + 1 || !take(block, 24 + 16 * i)) return false;
      if (length + 1 < count) return false;  // by one it may differ: its thread was stopped between the two changes
    }
    return true;
  }
};

/// Describes the state of an arena: malloc_state, which holds lists of free blocks that look as if they were in use ("fast
/// bins").
struct arena_state {
  static constexpr std::size_t bytes = 2200;
  static constexpr std::size_t offset_of_top = 96;
  static constexpr std::size_t offset_of_lists = 16;
  static constexpr std::size_t lists = 10;

  /// Calls `take(block)` for each free block on a list until it returns false for one; returns whether it never did.
  template <class Take>
  static bool for_each_block(std::uintptr_t at, Take&& take) noexcept {
    constexpr std::size_t longest = 1'000'000;
    for (std::size_t i = 0; i < lists; ++i) {
      std::size_t length = 0;
      for (std::uintptr_t chunk = raw_word(at + offset_of_lists + 8 * i); chunk != 0 && length < longest; ++length) {
        const std::uintptr_t block = chunk + heap_layout::header;
        if (!take(block)) return false;
        chunk = next_free_block(block);
      }
    }
    return true;
  }
};

}  // namespace taskleak::inline v0::detail

#endif
