// SPDX-License-Identifier: MIT
/// \file Recognises the words that the standard library waits on in place of an object of the user's.
///
/// A futex is a word of 32 bits. For a std::atomic of another size, a std::atomic_flag and the phase of a std::barrier the
/// library waits on a word of a table instead. Objects whose addresses have the same hash share such a word, which is no object's
/// address.
#ifndef TASKLEAK_DETAIL_INSPECT_WAITER_POOL_HPP
#define TASKLEAK_DETAIL_INSPECT_WAITER_POOL_HPP

#include <taskleak/detail/symbols/module.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace taskleak::inline v0::detail {

inline constexpr int waiter_pool_slots = 16;

/// Returns the place in libstdc++'s table that the address lies in, or -1. The table is as headers define it: `__w` in
/// bits/atomic_wait.h, one for the process. Newer versions have the table in the library itself.
inline int waiter_pool_slot([[maybe_unused]] std::uintptr_t address) noexcept {
#if defined(__GLIBCXX__) && defined(__cpp_lib_atomic_wait) && _GLIBCXX_RELEASE < 16
  const auto& first = std::__detail::__waiter_pool_base::_S_for(nullptr);
  const std::uintptr_t slot = (address - reinterpret_cast<std::uintptr_t>(&first)) / sizeof first;
  return slot < waiter_pool_slots ? static_cast<int>(slot) : -1;
#else
  return -1;
#endif
}

/// Whether an atomic at this address waits in the slot: `_S_for` in bits/atomic_wait.h.
constexpr bool waits_in_slot(std::uintptr_t atomic, int slot) noexcept {
  return static_cast<int>((atomic >> 2) % waiter_pool_slots) == slot;
}

/// Returns whose table the address lies in, "libstdc++" or "libc++"; empty when it is in none.
inline std::string waiter_pool_of(std::uintptr_t address) {
  if (waiter_pool_slot(address) >= 0) return "libstdc++";
  const std::string path = find_module(address).path;
  for (const char* const library : {"libstdc++", "libc++"})
    if (file_name_of(path).starts_with(library)) return library;
  return {};
}

}  // namespace taskleak::inline v0::detail

#endif
