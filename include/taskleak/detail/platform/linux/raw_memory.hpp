// SPDX-License-Identifier: MIT
/// \file Reads words of memory that belong to anybody, in a frozen copy of the process.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_RAW_MEMORY_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_RAW_MEMORY_HPP

#include <cstdint>

/// Marks a function that reads memory in which a sanitizer sees freed blocks, red zones and races.
#if defined(__clang__)
#define TASKLEAK_UNSANITIZED [[clang::no_sanitize("address", "thread", "memory", "undefined")]]
#else
#define TASKLEAK_UNSANITIZED [[gnu::no_sanitize("address", "thread", "undefined")]]
#endif

namespace taskleak::inline v0::detail {

template <class T = std::uintptr_t>
TASKLEAK_UNSANITIZED inline T raw_word(std::uintptr_t at) noexcept {
  return *reinterpret_cast<const volatile T*>(at);
}

}  // namespace taskleak::inline v0::detail

#endif
