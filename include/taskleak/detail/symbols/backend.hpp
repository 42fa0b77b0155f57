// SPDX-License-Identifier: MIT
/// \file Turns an address into functions, files and lines, by two layers.
///
/// The base is what the system itself tells; what stands above it knows more, and may fail. layers.hpp says which they are.
#ifndef TASKLEAK_DETAIL_SYMBOLS_BACKEND_HPP
#define TASKLEAK_DETAIL_SYMBOLS_BACKEND_HPP

#include <taskleak/detail/symbols/demangle.hpp>
#include <taskleak/detail/symbols/layers.hpp>
#include <taskleak/detail/symbols/library_file.hpp>
#include <taskleak/detail/symbols/module.hpp>
#include <taskleak/detail/symbols/signature.hpp>
#include <taskleak/report.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace taskleak::inline v0::detail {

class symbol_backend {
 public:
  /// Appends the functions at pc, innermost first; the last one, which the others are inlined into, is named by its symbol.
  /// Returns whether it appended any.
  bool look_up(const module_place& place, std::uintptr_t pc, std::vector<frame>& found) {
    const std::size_t before = found.size();
    const auto symbol = base_.function_at(place);
    if (upper_layer::knows_inlined_functions || symbol.name.empty()) upper_.look_up(pc, found);
    if (!symbol.name.empty()) {
      if (found.size() == before) found.emplace_back();
      // debug information has only the last part of the name of a function with internal linkage; the symbol has all of it
      found.back().function = demangle(symbol.name);
    }
    if (found.size() != before && needs_line(found.back())) base_.set_line(place, symbol, found.back());
    return found.size() != before;
  }

  std::string compiled_in(const module_place& place) { return base_.compiled_in(place); }

  std::string object_at(const module_place& place) { return base_.object_at(place); }

  std::string note() const { return upper_.note(); }

 private:
  /// Whether the line is unknown, or that of a function of a library which was inlined without a trace in the debug information.
  static bool needs_line(const frame& outermost) {
    if (outermost.line == 0) return true;
    const std::string_view function = drop_return_type(outermost.function);
    if (is_standard_library_file(outermost.file)) return !may_be_language_function(function);
    return is_own_file(outermost.file) && !may_be_own_function(function);
  }

  base_layer base_;
  upper_layer upper_;
};

}  // namespace taskleak::inline v0::detail

#endif
