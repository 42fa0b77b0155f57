// SPDX-License-Identifier: MIT
/// \file Finds the executable or library that an address lies in.
#ifndef TASKLEAK_DETAIL_SYMBOLS_MODULE_HPP
#define TASKLEAK_DETAIL_SYMBOLS_MODULE_HPP

#include <taskleak/detail/platform/modules.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace taskleak::inline v0::detail {

/// Returns the part of a path behind its last slash.
constexpr std::string_view file_name_of(std::string_view path) noexcept {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

/// Returns an offset as reports show it: `+0x1234`.
inline std::string offset_text(std::uintptr_t offset) {
  char number[3 + 2 * sizeof offset + 1];
  std::snprintf(number, sizeof number, "+0x%llx", static_cast<unsigned long long>(offset));
  return number;
}

/// Returns what stands for the function where there is no symbol: `libfoo.so.1+0x1234`, or the bare address outside all modules.
inline std::string nameless_function(const module_place& place, std::uintptr_t address) {
  if (place.path.empty()) return offset_text(address).substr(1);
  return std::string(file_name_of(place.path)) + offset_text(place.offset);
}

}  // namespace taskleak::inline v0::detail

#endif
