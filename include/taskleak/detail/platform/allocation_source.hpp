// SPDX-License-Identifier: MIT
/// \file The face of who knows where blocks were allocated, for the main line, which does without.
#ifndef TASKLEAK_DETAIL_PLATFORM_ALLOCATION_SOURCE_HPP
#define TASKLEAK_DETAIL_PLATFORM_ALLOCATION_SOURCE_HPP

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

struct allocation_source {
  void (*begin)() noexcept;  ///< from now on blocks are noted; may be called more than once
  /// Writes up to `most` return addresses of the stack that has allocated the block, innermost first; returns how many.
  std::size_t (*find)(std::uintptr_t block, std::uintptr_t* addresses, std::size_t most) noexcept;
};

}  // namespace taskleak::inline v0::detail

#if defined(__ELF__)
/// Defined by taskleak/allocation_sites.hpp; null in a program without that header.
extern "C" [[gnu::weak]] const taskleak::detail::allocation_source* taskleak_allocation_source() noexcept;
#endif

namespace taskleak::inline v0::detail {

/// Returns null where nobody knows.
inline const allocation_source* find_allocation_source() noexcept {
#if defined(__ELF__)
  return &taskleak_allocation_source ? taskleak_allocation_source() : nullptr;
#else
  return nullptr;
#endif
}

}  // namespace taskleak::inline v0::detail

#endif
