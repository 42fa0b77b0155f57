// SPDX-License-Identifier: MIT
/// \file Asks a sanitizer's allocator which block an address is in: its heap has no chain of chunks, but an interface.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_SANITIZER_BLOCKS_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_SANITIZER_BLOCKS_HPP

#include <taskleak/detail/platform/linux/own_pages.hpp>

#include <cstddef>
#include <cstdint>

// sanitizer/allocator_interface.h, asan_interface.h and tsan_interface.h; null without the sanitizer, and where its version has
// no such function. __sanitizer_get_allocated_begin came with LLVM 17.
extern "C" {
[[gnu::weak]] const void* __sanitizer_get_allocated_begin(const void* address);
[[gnu::weak]] std::size_t __sanitizer_get_allocated_size(const volatile void* begin);
[[gnu::weak]] int __sanitizer_get_ownership(const volatile void* begin);
[[gnu::weak]] const char* __asan_locate_address(void* address, char* name, std::size_t name_size, void** begin,
                                                std::size_t* size);
[[gnu::weak]] const char* __tsan_locate_address(std::uintptr_t address, char* name, std::size_t name_size, std::uintptr_t* begin,
                                                std::size_t* size);
}

namespace taskleak::inline v0::detail {

/// Whether blocks_of_sanitizer() can answer.
inline bool has_blocks_of_sanitizer() noexcept {
  return &__sanitizer_get_allocated_begin || &__asan_locate_address || &__tsan_locate_address;
}

/// Asks ThreadSanitizer before LLVM 17, which knows a block by its beginning only, and who owns memory that is free, too.
///
/// So the beginnings in front of the address are tried, each at a multiple of the allocator's alignment. __tsan_locate_address()
/// knows a block by any address. But of one in a free block it asks the symbolizer, which reads the memory map anew each time:
/// only a block that begins far off is left to it.
inline address_range block_of_tsan(std::uintptr_t address) noexcept {
  constexpr std::uintptr_t alignment = 16, page = 4096, far_off = 1 << 20;
  const auto is_of_heap = [](std::uintptr_t at) { return __sanitizer_get_ownership(reinterpret_cast<const void*>(at)) != 0; };
  if (!is_of_heap(address)) return {};
  for (std::uintptr_t begin = address & ~(alignment - 1); address - begin < far_off; begin -= alignment) {
    if (const std::size_t size = __sanitizer_get_allocated_size(reinterpret_cast<const void*>(begin)); size != 0)
      return address - begin < size ? address_range{begin, begin + size} : address_range{};
    if (begin % page == 0 && !is_of_heap(begin - alignment)) return {};
  }
  char name[16];
  std::size_t size = 0;
  std::uintptr_t begin = 0;
  const char* const kind = __tsan_locate_address(address, name, sizeof name, &begin, &size);
  return kind && kind[0] == 'h' && begin ? address_range{begin, begin + size} : address_range{};
}

/// Returns the block in use that the address is in; an empty range if there is none.
inline address_range block_of_sanitizer(std::uintptr_t address) noexcept {
  const auto range = [](std::uintptr_t begin, std::size_t size) { return address_range{begin, begin + size}; };
  if (&__sanitizer_get_allocated_begin && &__sanitizer_get_allocated_size) {
    const void* const begin = __sanitizer_get_allocated_begin(reinterpret_cast<const void*>(address));
    return begin ? range(reinterpret_cast<std::uintptr_t>(begin), __sanitizer_get_allocated_size(begin)) : address_range{};
  }
  char name[16];
  std::size_t size = 0;
  if (&__asan_locate_address && &__sanitizer_get_ownership) {
    void* begin = nullptr;
    const char* const kind = __asan_locate_address(reinterpret_cast<void*>(address), name, sizeof name, &begin, &size);
    // it says "heap" of a freed block, too
    const bool is_block = kind && kind[0] == 'h' && begin && __sanitizer_get_ownership(begin) != 0;
    return is_block ? range(reinterpret_cast<std::uintptr_t>(begin), size) : address_range{};
  }
  if (&__tsan_locate_address && &__sanitizer_get_ownership && &__sanitizer_get_allocated_size) return block_of_tsan(address);
  return {};
}

}  // namespace taskleak::inline v0::detail

#endif
