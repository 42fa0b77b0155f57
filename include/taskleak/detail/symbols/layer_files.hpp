// SPDX-License-Identifier: MIT
/// \file The base of all names: symbols and lines out of the ELF files themselves, without any library.
#ifndef TASKLEAK_DETAIL_SYMBOLS_LAYER_FILES_HPP
#define TASKLEAK_DETAIL_SYMBOLS_LAYER_FILES_HPP

#include <taskleak/detail/symbols/demangle.hpp>
#include <taskleak/detail/symbols/library_file.hpp>
#include <taskleak/detail/symbols/module.hpp>
#include <taskleak/detail/symbols/module_symbols.hpp>
#include <taskleak/report.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace taskleak::inline v0::detail {

class layer_files {
 public:
  /// Returns the demangled name of the function, not one that was inlined into it; empty where no symbol covers the address.
  std::string function_at(const module_place& place) {
    const symbol_place symbol = modules_.of(place.path).functions().find(place.offset);
    return demangle(std::string(symbol.name).c_str());
  }

  /// Sets file and line of a function that has none yet.
  ///
  /// A line table does not know which functions were inlined. Where the line is one of a library's header, the function around it
  /// would get a line that is not its own; then none is set.
  void add_line(const module_place& place, frame& function) {
    std::string file;
    unsigned line = 0;
    if (!modules_.of(place.path).lines().find(place.offset, file, line) || is_header_of_a_library(file)) return;
    function.file = std::move(file);
    function.line = line;
  }

  /// Returns the object with static storage that an address lies in: `app::log_lock`, or `app::state+0x18` inside of it. Empty
  /// where no symbol covers the address.
  std::string object_at(const module_place& place) {
    const symbol_place symbol = modules_.of(place.path).objects().find(place.offset);
    if (symbol.name.empty()) return {};
    std::string name = demangle(std::string(symbol.name).c_str());
    if (place.offset != symbol.start) name += offset_text(place.offset - symbol.start);
    return name;
  }

 private:
  module_shelf modules_;
};

}  // namespace taskleak::inline v0::detail

#endif
