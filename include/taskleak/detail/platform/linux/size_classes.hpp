// SPDX-License-Identifier: MIT
/// \file Knows how allocators with size classes cut their memory into blocks, and so where the block around an address begins.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_SIZE_CLASSES_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_SIZE_CLASSES_HPP

#include <taskleak/detail/base/hash_mix.hpp>
#include <taskleak/detail/platform/linux/own_pages.hpp>
#include <taskleak/detail/platform/linux/raw_memory.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace taskleak::inline v0::detail {

/// Remembers where pages of blocks of one size begin. Lives in memory that is no object of the program's: its words would pass
/// for pointers to blocks.
class pages_seen {
 public:
  struct entry {
    std::uintptr_t page;
    std::uintptr_t first;  ///< of the pages side by side that have blocks of this size
    std::size_t size;

    bool is_of(std::uintptr_t other_page, std::size_t other_size) const noexcept {
      return page == other_page && size == other_size;
    }
  };

  entry& at(std::uintptr_t page) noexcept { return entries_[spread(page, bits)]; }

 private:
  static constexpr unsigned bits = 12;
  entry entries_[std::size_t{1} << bits];
};

/// Without an allocator that it knows, and for large blocks, a block is taken to begin where a pointer points: most pointers do
/// point to the beginning.
class size_classes {
 public:
  /// kAllocatorSpace of lsan_allocator.h, on x86-64.
  static constexpr address_range space_of_leak_sanitizer{0x600000000000, 0x640000000000};

  constexpr size_classes() noexcept = default;

  static size_classes of_leak_sanitizer() noexcept { return size_classes(kind::leak_sanitizer); }
  static size_classes of_jemalloc() noexcept { return size_classes(kind::jemalloc); }
  static size_classes of_tcmalloc() noexcept { return size_classes(kind::tcmalloc); }
  /// Asks for a block of each size class.
  template <class UsableSize>
  static size_classes of_mimalloc(UsableSize&& usable_size) {
    size_classes found(kind::mimalloc);
    for (std::size_t size = 8; size <= largest_of_slice; size += 8) {
      void* const block = std::malloc(size);
      const std::size_t whole = block ? usable_size(block) : 0;
      if (whole >= size && whole <= largest_of_slice)
        found.shift_[whole / 8] = static_cast<std::uint16_t>(reinterpret_cast<std::uintptr_t>(block) % slice % whole);
      std::free(block);
      size = std::max(size, whole);
    }
    return found;
  }

  bool are_known() const noexcept { return kind_ != kind::unknown; }
  bool is_of_leak_sanitizer() const noexcept { return kind_ == kind::leak_sanitizer; }

  /// Returns a large block of LeakSanitizer's, which has a mapping of its own with a page in front of the block:
  /// LargeMmapAllocator::Header of sanitizer_allocator_secondary.h. An empty range if no such mapping begins here.
  static address_range large_block_of_leak_sanitizer(std::uintptr_t at, std::uintptr_t end) noexcept {
    constexpr std::size_t page = 4096;
    const std::size_t mapped = raw_word(at + 8), size = raw_word(at + 16);
    const bool is_one = raw_word(at) == at && mapped % page == 0 && mapped <= end - at && mapped > page && size <= mapped - page;
    return is_one ? address_range{at + page, at + mapped} : address_range{};
  }

  /// Returns where the block of so many bytes begins that the address is in. `size_at(page)` returns the size of the blocks in
  /// that page, 0 if it has none.
  template <class SizeAt>
  std::uintptr_t begin_of_block(std::uintptr_t address, std::size_t size, pages_seen& seen, SizeAt&& size_at) const noexcept {
    const auto within = [&](std::uintptr_t base) { return base + (address - base) / size * size; };
    switch (kind_) {
      case kind::leak_sanitizer: return begin_in_region(address);
      case kind::jemalloc:
        // a slab is a multiple of its blocks, so that slabs side by side are as one; from 16 kB on there are none, and only the
        // first page of a block is known
        if (size >= 16384) return address & ~std::uintptr_t{4095};
        return size <= 8 ? word_at(address) : within(first_page(address, size, 4096, seen, size_at));
      case kind::tcmalloc: {
        if (size > largest_of_span) return address & ~std::uintptr_t{page_of_tcmalloc - 1};
        const std::uintptr_t first = first_page(address, size, page_of_tcmalloc, seen, size_at);
        const std::size_t span = span_of_tcmalloc(size);
        return within(first + (address - first) / span * span);
      }
      case kind::mimalloc: {
        if (size > largest_of_slice) {
          // 512 kB of blocks up to 128 kB; a larger block has slices of its own
          const std::uintptr_t first = first_page(address, size, slice, seen, size_at);
          const std::size_t cut = size <= 2 * slice ? 8 * slice : (size + slice - 1) / slice * slice;
          return within(first + (address - first) / cut * cut);
        }
        const std::uintptr_t first = (address & ~std::uintptr_t{slice - 1}) + shift_[size / 8];
        // what a page has in front of its first block may be part of the last one of the page before
        return address >= first ? within(first) : first - size;
      }
      case kind::unknown: break;
    }
    return word_at(address);
  }

 private:
  enum class kind : unsigned char { unknown, leak_sanitizer, jemalloc, tcmalloc, mimalloc };

  explicit size_classes(kind of) noexcept : kind_(of) {}

  static std::uintptr_t word_at(std::uintptr_t address) noexcept { return address & ~std::uintptr_t{7}; }

  /// DefaultSizeClassMap of sanitizer_allocator_size_class_map.h: a region for each of 64 classes.
  static std::uintptr_t begin_in_region(std::uintptr_t address) noexcept {
    constexpr std::size_t region = (space_of_leak_sanitizer.to - space_of_leak_sanitizer.from) / 64;
    const std::size_t number = (address - space_of_leak_sanitizer.from) / region;
    if (number == 0) return word_at(address);
    const std::size_t power = number <= 16 ? 0 : std::size_t{256} << ((number - 16) >> 2);
    const std::size_t size = number <= 16 ? number * 16 : power + (power >> 2) * ((number - 16) & 3);
    const std::uintptr_t base = space_of_leak_sanitizer.from + number * region;
    return base + (address - base) / size * size;
  }

  /// SizeMap::Init() of gperftools' common.cc: as many pages as leave an eighth at most.
  static std::size_t span_of_tcmalloc(std::size_t size) noexcept {
    const std::size_t moved = std::clamp<std::size_t>(65536 / size, 2, 32) / 4;
    std::size_t span = 0;
    do {
      span += page_of_tcmalloc;
      while (span % size > span >> 3) span += page_of_tcmalloc;
    } while (span / size < moved);
    return span;
  }

  /// Returns the first of the pages side by side that have blocks of this size. Each page is asked for once.
  template <class SizeAt>
  static std::uintptr_t first_page(std::uintptr_t address, std::size_t size, std::size_t page, pages_seen& seen,
                                   SizeAt&& size_at) noexcept {
    const std::uintptr_t own = address & ~(page - 1);
    std::uintptr_t first = own;
    while (!seen.at(first).is_of(first, size) && size_at(first - page) == size) first -= page;
    const std::uintptr_t last_asked = first;
    if (seen.at(first).is_of(first, size)) first = seen.at(first).first;
    for (std::uintptr_t at = own; at >= last_asked; at -= page) seen.at(at) = {at, first, size};
    return first;
  }

  static constexpr std::size_t page_of_tcmalloc = 8192;
  static constexpr std::size_t largest_of_span = 262144;
  static constexpr std::size_t slice = 65536;  ///< MI_SEGMENT_SLICE_SIZE
  static constexpr std::size_t largest_of_slice = 16384;

  kind kind_ = kind::unknown;
  std::uint16_t shift_[largest_of_slice / 8 + 1]{};  ///< of the blocks in a slice, by their size
};

}  // namespace taskleak::inline v0::detail

#endif
