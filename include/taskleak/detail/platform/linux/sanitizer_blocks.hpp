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
  if (&__tsan_locate_address && &__sanitizer_get_ownership) {
    // of what is no heap it asks the symbolizer, which is slow, and takes locks
    if (__sanitizer_get_ownership(reinterpret_cast<const void*>(address)) == 0) return {};
    std::uintptr_t begin = 0;
    const char* const kind = __tsan_locate_address(address, name, sizeof name, &begin, &size);
    return kind && kind[0] == 'h' && begin ? range(begin, size) : address_range{};
  }
  return {};
}

}  // namespace taskleak::inline v0::detail

#endif
