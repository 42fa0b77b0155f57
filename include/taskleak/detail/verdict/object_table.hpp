// SPDX-License-Identifier: MIT
/// \file Finds the object that an address points into, among all objects of the process.
#ifndef TASKLEAK_DETAIL_VERDICT_OBJECT_TABLE_HPP
#define TASKLEAK_DETAIL_VERDICT_OBJECT_TABLE_HPP

#include <taskleak/detail/platform/process_memory.hpp>
#include <taskleak/detail/verdict/asked_blocks.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// Says what kind of memory an object is.
enum class object_kind : unsigned char {
  block,    ///< what malloc() has returned
  opaque,   ///< a mapping of which nobody knows what is in it
  statics,  ///< the static objects of a module
};

/// A piece of memory: a pointer to any byte of it counts as a pointer to it.
class memory_object {
 public:
  memory_object(std::uintptr_t at, std::size_t size, object_kind kind) noexcept
      : at_(at), bits_(std::uint64_t{size} << shift_of_size | static_cast<std::uint64_t>(kind) << shift_of_kind) {}

  std::uintptr_t at() const noexcept { return at_; }
  std::size_t size() const noexcept { return bits_ >> shift_of_size; }
  object_kind kind() const noexcept { return static_cast<object_kind>(bits_ >> shift_of_kind & 0xF); }
  address_range range() const noexcept { return {at_, at_ + size()}; }
  bool has(std::uintptr_t address) const noexcept { return address - at_ < size(); }

  /// Whether it has been reached.
  bool is_marked() const noexcept { return (bits_ & marked) != 0; }
  void mark() noexcept { bits_ |= marked; }
  /// Whether it is a block that is kept for reuse.
  bool is_free() const noexcept { return (bits_ & free) != 0; }
  void set_free() noexcept { bits_ |= free; }

 private:
  static constexpr std::uint64_t marked = 1;
  static constexpr std::uint64_t free = 2;
  static constexpr unsigned shift_of_kind = 2;
  static constexpr unsigned shift_of_size = 8;

  std::uintptr_t at_;
  std::uint64_t bits_;
};

/// Holds the objects region by region, each sorted by address. A table of a region's pages says which object is the last one that
/// begins before a page, so that a look-up compares few objects.
class object_table {
 public:
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  struct region {
    address_range range;
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    std::uint32_t* pages = nullptr;  ///< null for a region of one object
    bool is_asked = false;           ///< whether the allocator tells which blocks there are, one at a time
    address_range not_reached;       ///< from the first object to the last that had not been, see note_what_is_not_reached()
  };

  /// Makes room for the objects of so much memory.
  bool reserve(std::size_t bytes, std::size_t most_regions) noexcept {
    return objects_.reserve(bytes / heap_layout::smallest_chunk + most_regions + asked_blocks::most) &&
           regions_.reserve(most_regions) && pages_.reserve(bytes / page + 4 * most_regions);
  }

  void begin_region(address_range range) noexcept {
    regions_.push({range, static_cast<std::uint32_t>(objects_.size()), 0, nullptr, false, {}});
  }
  void add(std::uintptr_t at, std::size_t size, object_kind kind) noexcept { objects_.push(memory_object(at, size, kind)); }
  /// Adds a heap of which blocks are known only one at a time. To be called behind all calls of add().
  void add_asked_region(address_range range) noexcept { regions_.push({range, 0, 0, nullptr, true, {}}); }
  /// Makes room for the blocks of such heaps.
  bool reserve_asked() noexcept { return has_asked_ = asked_.reserve(); }

  /// Takes back the objects of the region that has begun.
  void begin_region_anew() noexcept { objects_.shrink_to(regions_.back().first); }
  void end_region() noexcept {
    region& r = regions_.back();
    r.count = static_cast<std::uint32_t>(objects_.size()) - r.first;
    if (r.count == 0) drop_region();
  }
  void drop_region() noexcept {
    begin_region_anew();
    regions_.shrink_to(regions_.size() - 1);
  }
  void add_region(address_range range, object_kind kind) noexcept {
    begin_region(range);
    add(range.from, range.size(), kind);
    end_region();
  }

  /// To be called once, when all objects are there. Returns false when there was no room for them.
  bool index() noexcept {
    if (objects_.is_full() || regions_.is_full() || regions_.size() == 0) return false;
    std::sort(regions_.begin(), regions_.end(), [](const region& a, const region& b) { return a.range.from < b.range.from; });
    for (region& r : regions_)
      if (r.count > 1 && !index(r)) return false;
    all_ = {regions_[0].range.from, regions_.back().range.to};
    return true;
  }

  /// Notes of each region which part of it has objects that are not marked.
  void note_what_is_not_reached() noexcept {
    for (region& r : regions_) {
      r.not_reached = r.is_asked ? r.range : address_range{};
      for (std::uint32_t i = r.first; i < r.first + r.count; ++i) {
        const memory_object& o = objects_[i];
        if (o.is_marked() || o.is_free()) continue;
        if (r.not_reached.to == 0) r.not_reached.from = o.at();
        r.not_reached.to = o.at() + o.size();
      }
    }
  }

  /// Returns how many objects there may be: more of them may be found by and by.
  std::size_t most() const noexcept { return has_asked_ ? objects_.size() + asked_blocks::most : objects_.size(); }

  /// From the first object to the last.
  address_range all() const noexcept { return all_; }
  std::size_t size() const noexcept { return objects_.size(); }
  memory_object& operator[](std::size_t i) noexcept { return objects_[i]; }

  /// Whether there was no room for an object: one that was asked for may be missing.
  bool is_full() const noexcept { return objects_.is_full(); }

  const region* region_of(std::uintptr_t address) noexcept {
    if (last_ && last_->range.has(address)) return last_;
    std::size_t low = 0, high = regions_.size();
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      regions_[middle].range.from <= address ? low = middle + 1 : high = middle;
    }
    if (low == 0 || !regions_[low - 1].range.has(address)) return nullptr;
    return last_ = &regions_[low - 1];
  }

  std::uint32_t find(std::uintptr_t address) noexcept {
    const region* const r = all_.has(address) ? region_of(address) : nullptr;
    return r ? find(address, *r) : none;
  }

  std::uint32_t find(std::uintptr_t address, const region& r) noexcept {
    if (r.is_asked) return ask(address, r.range);
    const memory_object* const base = objects_.begin() + r.first;
    if (r.count == 1) return base->has(address) ? r.first : none;
    const std::size_t in_page = (address - r.range.from) / page;
    std::uint32_t low = r.pages[in_page];
    std::uint32_t high = std::min(r.pages[in_page + 1] + 1, r.count);
    while (high - low > 1) {
      const std::uint32_t middle = (low + high) / 2;
      base[middle].at() <= address ? low = middle : high = middle;
    }
    return base[low].has(address) ? r.first + low : none;
  }

  /// Fetches what find() will read: first the table of pages, then the objects.
  void prefetch_pages(std::uintptr_t address, const region& r) const noexcept {
    __builtin_prefetch(&r.pages[(address - r.range.from) / page]);
  }
  void prefetch_objects(std::uintptr_t address, const region& r) const noexcept {
    const std::uint32_t* const pages = &r.pages[(address - r.range.from) / page];
    const memory_object* const base = objects_.begin() + r.first;
    __builtin_prefetch(&base[pages[0]]);
    __builtin_prefetch(&base[(pages[0] + pages[1]) / 2]);
  }

 private:
  static constexpr std::size_t page = 4096;

  std::uint32_t ask(std::uintptr_t address, const address_range& within) noexcept {
    address_range block = allocator_.is_there() ? allocator_.block_at(address) : block_of_sanitizer(address);
    if (allocator_.is_there()) block.to = std::min(block.to, within.to);  // it answers for what is no block of its own, too
    if (!block.has(address) || objects_.is_full()) return none;
    const auto next = static_cast<std::uint32_t>(objects_.size());
    if (const std::uint32_t known = asked_.enter(block.from, next)) return known;
    objects_.push(memory_object(block.from, block.size(), object_kind::block));
    return next;
  }

  bool index(region& r) noexcept {
    const std::size_t pages = r.range.size() / page + 2;
    r.pages = pages_.extend(pages);
    if (!r.pages) return false;
    const memory_object* const base = objects_.begin() + r.first;
    std::uint32_t at = 0;
    for (std::size_t p = 0; p < pages; ++p) {
      while (at + 1 < r.count && base[at + 1].at() <= r.range.from + p * page) ++at;
      r.pages[p] = at;
    }
    return true;
  }

  page_array<memory_object> objects_;
  page_array<region> regions_;
  page_array<std::uint32_t> pages_;
  const foreign_allocator& allocator_ = foreign_allocator::known();
  asked_blocks asked_;
  bool has_asked_ = false;
  address_range all_;
  const region* last_ = nullptr;
};

}  // namespace taskleak::inline v0::detail

#endif
