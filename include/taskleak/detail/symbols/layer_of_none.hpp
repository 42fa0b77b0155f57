// SPDX-License-Identifier: MIT
/// \file Knows neither functions nor lines, where the system tells nothing of its own.
#ifndef TASKLEAK_DETAIL_SYMBOLS_LAYER_OF_NONE_HPP
#define TASKLEAK_DETAIL_SYMBOLS_LAYER_OF_NONE_HPP

#include <taskleak/detail/platform/module_place.hpp>
#include <taskleak/report.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace taskleak::inline v0::detail {

/// Serves as either layer.
class layer_of_none {
 public:
  struct symbol_place {
    std::string name{};
    std::uint64_t start = 0;
  };
  static constexpr bool knows_inlined_functions = false;

  symbol_place function_at(const module_place&) { return {}; }
  bool set_line(const module_place&, const symbol_place&, frame&) { return false; }
  std::string compiled_in(const module_place&) { return {}; }
  std::string object_at(const module_place&) { return {}; }

  bool look_up(std::uintptr_t, std::vector<frame>&) { return false; }

  std::string note() const {
    return "functions are shown by their addresses: compile with -g, compile the test main with -DTASKLEAK_USE_LIBBACKTRACE and "
           "link -lbacktrace to see their names and lines";
  }
};

}  // namespace taskleak::inline v0::detail

#endif
