// SPDX-License-Identifier: MIT
/// \file Reads a place in the sources out of the data that a compiler has made of it, which may be gone.
#ifndef TASKLEAK_DETAIL_INSPECT_SOURCE_PLACE_HPP
#define TASKLEAK_DETAIL_INSPECT_SOURCE_PLACE_HPP

#include <taskleak/detail/platform/foreign_memory.hpp>
#include <taskleak/detail/symbols/symbolizer.hpp>

#include <cstdint>
#include <source_location>
#include <string>

namespace taskleak::inline v0::detail {

/// Holds a place; empty when it cannot be told.
struct source_place {
  std::string file;
  unsigned line = 0;
  const char* function = nullptr;
};

/// Returns the place that `data`, what a std::source_location points to, stands for. The data begin with a pointer to the file's
/// name; once the library of the two has been unloaded, both are gone. The code at `code` was compiled from that file.
inline source_place read_place(std::uintptr_t data, std::uintptr_t code) {
  std::uintptr_t file = 0;
  char first = 0;
  if (data == 0 || !copy_value(data, file) || !copy_value(file, first)) return {};
  const auto where = __builtin_bit_cast(std::source_location, data);
  return {symbols().source_path(where.file_name(), code), where.line(), where.function_name()};
}

}  // namespace taskleak::inline v0::detail

#endif
