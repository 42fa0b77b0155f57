// SPDX-License-Identifier: MIT
/// \file Holds memory that this process and a frozen copy of it share: for a question and its answer.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_SHARED_PAGES_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_SHARED_PAGES_HPP

#include <taskleak/detail/platform/linux/memory_map.hpp>

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>

#include <sys/mman.h>

namespace taskleak::inline v0::detail {

/// Gives out arrays of plain data, one behind the other, from room whose size is set once.
class shared_pages {
 public:
  explicit shared_pages(std::size_t bytes) noexcept : bytes_(bytes) {
    void* const place = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (place != MAP_FAILED) first_ = next_ = static_cast<unsigned char*>(place);
  }
  ~shared_pages() {
    if (first_) munmap(first_, bytes_);
  }
  shared_pages(const shared_pages&) = delete;
  shared_pages& operator=(const shared_pages&) = delete;

  /// Whether the system had room.
  bool has_room() const noexcept { return first_ != nullptr; }

  /// The arrays must fit, and each one's alignment with the sizes of those before.
  template <class T>
  std::span<T> make(std::size_t count) noexcept {
    T* const first = reinterpret_cast<T*>(next_);
    for (std::size_t i = 0; i < count; ++i) new (first + i) T;
    next_ += count * sizeof(T);
    return {first, count};
  }

  address_range memory() const noexcept {
    const auto from = reinterpret_cast<std::uintptr_t>(first_);
    return {from, from + bytes_};
  }

 private:
  std::size_t bytes_;
  unsigned char* first_ = nullptr;
  unsigned char* next_ = nullptr;
};

}  // namespace taskleak::inline v0::detail

#endif
