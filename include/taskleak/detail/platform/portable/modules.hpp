// SPDX-License-Identifier: MIT
/// \file Counts every address as the program's own: nothing tells which executable or library it lies in.
#ifndef TASKLEAK_DETAIL_PLATFORM_PORTABLE_MODULES_HPP
#define TASKLEAK_DETAIL_PLATFORM_PORTABLE_MODULES_HPP

#include <taskleak/detail/platform/module_place.hpp>
#include <taskleak/detail/platform/portable/program_name.hpp>

#include <cstdint>
#include <string>

namespace taskleak::inline v0::detail {

inline std::string executable_path() { return program_name(); }

/// Returns true: only opening a file tells whether there is a descriptor left.
inline bool has_descriptor_left() noexcept { return true; }

/// Returns the program, and the address itself as the offset.
inline module_place find_module(std::uintptr_t address) {
  if (address == 0) return {};
  return {executable_path(), address};
}

/// Returns no counts, since nobody tells of libraries that come and go.
inline loader_counts count_loads() noexcept { return {}; }

/// Calls nothing: no piece of code is known.
template <class F>
void for_each_piece_of_code(F&&) {}

}  // namespace taskleak::inline v0::detail

#endif
