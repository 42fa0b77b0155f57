// SPDX-License-Identifier: MIT
/// \file Turns an address into functions, files and lines, by two layers.
///
/// The base is what the system itself tells; on Linux the symbols of the ELF files, and their line tables. What stands above it
/// depends on what the program is built with, knows more, and may fail. Such a layer is a class with
///   - `bool look_up(std::uintptr_t pc, std::vector<frame>& found)`: appends the functions at pc, innermost first, with function
///     (demangled, otherwise raw), file and line where known; returns whether it appended any. Called without a lock.
///   - `knows_inlined_functions`: whether its answer may have more than one function.
///   - `std::string note() const`: what the user can do to see lines, for the case that no frame had one.
#ifndef TASKLEAK_DETAIL_SYMBOLS_BACKEND_HPP
#define TASKLEAK_DETAIL_SYMBOLS_BACKEND_HPP

#include <taskleak/detail/platform/choice.hpp>
#include <taskleak/detail/symbols/demangle.hpp>
#include <taskleak/detail/symbols/library_file.hpp>
#include <taskleak/detail/symbols/module.hpp>
#include <taskleak/detail/symbols/signature.hpp>
#include <taskleak/report.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/symbols/layer_files.hpp>
#else
#include <taskleak/detail/symbols/layer_of_none.hpp>
#endif

// A program built for Boost's header-only libbacktrace backend links libbacktrace, too. Used directly it gives inlined frames.
#if defined(TASKLEAK_USE_LIBBACKTRACE) || (defined(BOOST_STACKTRACE_USE_BACKTRACE) && !defined(BOOST_STACKTRACE_LINK))
#define TASKLEAK_SYMBOLS_BY_LIBBACKTRACE 1
#include <taskleak/detail/symbols/layer_libbacktrace.hpp>
#elif !defined(TASKLEAK_WITHOUT_BOOST) && __has_include(<boost/stacktrace/frame.hpp>) && \
    (defined(TASKLEAK_ON_LINUX) || defined(BOOST_STACKTRACE_LINK) || defined(BOOST_STACKTRACE_USE_ADDR2LINE))
// Elsewhere Boost's basic backend answers with the nearest exported symbol, and nothing tells how far away that is.
#define TASKLEAK_SYMBOLS_BY_BOOST 1
#include <taskleak/detail/symbols/layer_boost.hpp>
#elif defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/symbols/layer_dladdr.hpp>
#endif

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace taskleak::inline v0::detail {

#if defined(TASKLEAK_ON_LINUX)
using base_layer = layer_files;
#else
using base_layer = layer_of_none;
#endif

#if defined(TASKLEAK_SYMBOLS_BY_LIBBACKTRACE)
using upper_layer = layer_libbacktrace;
#elif defined(TASKLEAK_SYMBOLS_BY_BOOST)
using upper_layer = layer_boost;
#elif defined(TASKLEAK_ON_LINUX)
using upper_layer = layer_dladdr;
#else
using upper_layer = layer_of_none;
#endif

class symbol_backend {
 public:
  /// Appends the functions at pc, innermost first, and sets `symbol` to the one that they all are inlined into, as a symbol names
  /// it. Returns whether it appended any.
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
