// SPDX-License-Identifier: MIT
/// \file Takes memory from the system, past the allocator of the program.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_PAGES_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_PAGES_HPP

#include <taskleak/detail/platform/linux/own_pages.hpp>

#include <cstddef>

#include <sys/mman.h>

/// Is a function of LeakSanitizer's, from the public interface sanitizer/lsan_interface.h; null without it.
extern "C" [[gnu::weak]] void __lsan_register_root_region(const void* begin, std::size_t size);

namespace taskleak::inline v0::detail {

/// Returns zeroed memory at the start of a page, which is never given back; null when the system has none left.
inline void* take_pages(std::size_t bytes) noexcept {
  void* const pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return nullptr;
  own_pages.add(pages, bytes);
  return pages;
}

/// Lets LeakSanitizer look for pointers in memory of take_pages(), of which LeakSanitizer does not know.
inline void show_to_leak_sanitizer(const void* begin, std::size_t bytes) noexcept {
  if (&__lsan_register_root_region) __lsan_register_root_region(begin, bytes);
}

}  // namespace taskleak::inline v0::detail

#endif
