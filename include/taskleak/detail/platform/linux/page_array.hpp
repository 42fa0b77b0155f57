// SPDX-License-Identifier: MIT
/// \file Defines an array in memory of the system, for a frozen copy of the process, in which the allocator cannot be used.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_PAGE_ARRAY_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_PAGE_ARRAY_HPP

#include <cstddef>

#include <sys/mman.h>

namespace taskleak::inline v0::detail {

/// Holds up to a number of elements that is set once; a page is taken when it is written to. Never gives memory back: it is meant
/// for a process that ends after its work.
template <class T>
class page_array {
 public:
  /// Returns false when the system has no room for so many.
  bool reserve(std::size_t most) noexcept {
    void* const room =
        mmap(nullptr, most * sizeof(T) + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED) return false;
    data_ = static_cast<T*>(room);
    capacity_ = most;
    return true;
  }

  /// Does nothing when the array is full.
  void push(const T& value) noexcept {
    if (count_ < capacity_) data_[count_++] = value;
  }
  /// Adds so many elements of zeros.
  T* extend(std::size_t by) noexcept {
    if (capacity_ - count_ < by) return nullptr;
    T* const added = data_ + count_;
    count_ += by;
    return added;
  }
  void shrink_to(std::size_t count) noexcept { count_ = count; }

  bool is_full() const noexcept { return count_ == capacity_; }
  std::size_t size() const noexcept { return count_; }
  T& operator[](std::size_t i) noexcept { return data_[i]; }
  const T& operator[](std::size_t i) const noexcept { return data_[i]; }
  T& back() noexcept { return data_[count_ - 1]; }
  T* begin() noexcept { return data_; }
  T* end() noexcept { return data_ + count_; }
  const T* begin() const noexcept { return data_; }
  const T* end() const noexcept { return data_ + count_; }

 private:
  T* data_ = nullptr;
  std::size_t count_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace taskleak::inline v0::detail

#endif
