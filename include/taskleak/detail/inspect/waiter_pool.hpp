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

/// Whether the address lies in libstdc++'s table as headers define it: `__w` in bits/atomic_wait.h, one for the process. Newer
/// versions have the table in the library itself.
inline bool is_in_inline_waiter_pool([[maybe_unused]] std::uintptr_t address) noexcept {
#if defined(__GLIBCXX__) && defined(__cpp_lib_atomic_wait) && _GLIBCXX_RELEASE < 16
  const auto& first = std::__detail::__waiter_pool_base::_S_for(nullptr);
  return address - reinterpret_cast<std::uintptr_t>(&first) < 16 * sizeof first;
#else
  return false;
#endif
}

/// Returns whose table the address lies in, "libstdc++" or "libc++"; empty when it is in none.
inline std::string waiter_pool_of(std::uintptr_t address) {
  if (is_in_inline_waiter_pool(address)) return "libstdc++";
  const std::string path = find_module(address).path;
  for (const char* const library : {"libstdc++", "libc++"})
    if (file_name_of(path).starts_with(library)) return library;
  return {};
}

}  // namespace taskleak::inline v0::detail

#endif
