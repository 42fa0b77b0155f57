// SPDX-License-Identifier: MIT
/// \file Nothing tells which executable or library an address lies in: all is the program.
#ifndef TASKLEAK_DETAIL_PLATFORM_PORTABLE_MODULES_HPP
#define TASKLEAK_DETAIL_PLATFORM_PORTABLE_MODULES_HPP

#include <taskleak/detail/platform/module_place.hpp>
#include <taskleak/detail/platform/portable/program_name.hpp>

#include <cstdint>
#include <string>

namespace taskleak::inline v0::detail {

inline std::string executable_path() { return program_name(); }

/// Whether a file could be opened is found out by opening it.
inline bool has_descriptor_left() noexcept { return true; }

/// The offset is the address itself.
inline module_place find_module(std::uintptr_t address) {
  if (address == 0) return {};
  return {executable_path(), address};
}

/// Nobody tells of libraries that come and go.
inline loader_counts count_loads() noexcept { return {}; }

/// Finds none.
template <class F>
void for_each_piece_of_code(F&&) {}

}  // namespace taskleak::inline v0::detail

#endif
