// SPDX-License-Identifier: MIT
/// \file Reads symbols and lines out of the ELF files themselves, without any library: the base of all names.
#ifndef TASKLEAK_DETAIL_SYMBOLS_LAYER_FILES_HPP
#define TASKLEAK_DETAIL_SYMBOLS_LAYER_FILES_HPP

#include <taskleak/detail/symbols/demangle.hpp>
#include <taskleak/detail/symbols/module.hpp>
#include <taskleak/detail/symbols/module_symbols.hpp>
#include <taskleak/detail/symbols/readable.hpp>
#include <taskleak/report.hpp>

#include <cstdint>
#include <string>

namespace taskleak::inline v0::detail {

class layer_files {
 public:
  /// Returns the symbol of the function, not of one that was inlined into it; without a name where none covers the address.
  symbol_place function_at(const module_place& place) { return modules_.of(place.path).functions().find(place.offset); }

  /// Sets the function's file, and the line that it has reached where a line table tells it. Returns whether the file is known.
  bool set_line(const module_place& place, const symbol_place& symbol, frame& function) {
    const line_table& lines = modules_.of(place.path).lines();
    const std::uintptr_t start = symbol.name.empty() ? place.offset : static_cast<std::uintptr_t>(symbol.start);
    return lines.find_in_function(start, place.offset, function.file, function.line);
  }

  /// Returns the directory that relative paths of the code's source files start from; empty where that is not known.
  std::string compiled_in(const module_place& place) { return modules_.of(place.path).lines().compiled_in(place.offset); }

  /// Returns the object with static storage that an address lies in: `app::log_lock`, or `app::state+0x18` inside of it. Empty
  /// where no symbol covers the address.
  std::string object_at(const module_place& place) {
    const symbol_place symbol = modules_.of(place.path).objects().find(place.offset);
    if (symbol.name.empty()) return {};
    std::string name = readable(demangle(symbol.name));
    if (place.offset != symbol.start) name += offset_text(place.offset - symbol.start);
    return name;
  }

 private:
  module_shelf modules_;
};

}  // namespace taskleak::inline v0::detail

#endif
