// SPDX-License-Identifier: MIT
/// \file Takes memory that is never given back from the C library.
#ifndef TASKLEAK_DETAIL_PLATFORM_PORTABLE_PAGES_HPP
#define TASKLEAK_DETAIL_PLATFORM_PORTABLE_PAGES_HPP

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace taskleak::inline v0::detail {

/// Returns zeroed memory at a multiple of 4096; null when there is none left. By calloc(3), which stays out of the way of a
/// program's own operator new.
inline void* take_pages(std::size_t bytes) noexcept {
  constexpr std::size_t page = 4096;
  void* const memory = std::calloc(1, bytes + page - 1);
  if (!memory) return nullptr;
  return reinterpret_cast<void*>((reinterpret_cast<std::uintptr_t>(memory) + page - 1) / page * page);
}

/// Does nothing, since a sanitizer sees the C library's memory anyway.
inline void show_to_leak_sanitizer(const void*, std::size_t) noexcept {}

}  // namespace taskleak::inline v0::detail

#endif
