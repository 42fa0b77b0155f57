// SPDX-License-Identifier: MIT
/// \file Remembers which memory of the system taskleak has taken for itself: what it says of other threads' handles there must
/// not be mistaken for what the program knows.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_OWN_PAGES_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_OWN_PAGES_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/spinlock.hpp>
#include <taskleak/detail/base/unseen_by_tsan.hpp>

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// Names a stretch of memory, without its end.
struct address_range {
  std::uintptr_t from = 0;
  std::uintptr_t to = 0;

  bool has(std::uintptr_t address) const noexcept { return address - from < to - from; }
  std::size_t size() const noexcept { return to - from; }
};

/// Lists the memory that take_pages() has handed out. The kernel puts one mapping below the other, so that most are neighbours,
/// which are kept as one range.
class own_page_list {
 public:
  constexpr own_page_list() noexcept = default;

  void add(const void* begin, std::size_t bytes) noexcept {
    const auto from = reinterpret_cast<std::uintptr_t>(begin);
    const unseen_by_tsan unseen;
    // not in a child that was forked while another thread held the lock: nobody will give it back there
    if (!lock_.try_lock()) {
      is_complete_ = false;
      return;
    }
    enter(from, bytes);
    lock_.unlock();
  }

  /// Keeps everybody else from adding, for a test of what a child finds.
  void lock() noexcept { lock_.lock(); }
  void unlock() noexcept { lock_.unlock(); }

  /// Whether all ranges are in the list; for a frozen copy, in which nobody adds.
  bool is_complete() const noexcept { return is_complete_; }
  const address_range* begin() const noexcept { return ranges_; }
  const address_range* end() const noexcept { return ranges_ + count_; }

 private:
  static constexpr std::size_t capacity = 2048;

  void enter(std::uintptr_t from, std::size_t bytes) noexcept {
    for (std::size_t i = count_; i > 0; --i) {
      address_range& r = ranges_[i - 1];
      if (r.from == from + bytes) {
        r.from = from;
        return;
      }
      if (r.to == from) {
        r.to = from + bytes;
        return;
      }
    }
    if (count_ == capacity) {
      is_complete_ = false;
      return;
    }
    ranges_[count_++] = {from, from + bytes};
  }

  spinlock lock_;
  std::size_t count_ = 0;
  bool is_complete_ = true;
  address_range ranges_[capacity];
};

TASKLEAK_SHARED inline constinit own_page_list own_pages;

}  // namespace taskleak::inline v0::detail

#endif
