// SPDX-License-Identifier: MIT
/// \file Finds the name of a coroutine in the names that compilers give to the parts they split it into.
#ifndef TASKLEAK_DETAIL_SYMBOLS_COROUTINE_NAME_HPP
#define TASKLEAK_DETAIL_SYMBOLS_COROUTINE_NAME_HPP

#include <taskleak/detail/symbols/demangle.hpp>
#include <taskleak/detail/symbols/readable.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace taskleak::inline v0::detail {

/// Returns the coroutine's own symbol, by which GCC names the type of a parameter that it gives each part:
/// `parent(parent()::_Z6parentv.Frame*)`. Empty where there is none.
inline std::string_view symbol_of_frame_type(std::string_view part) noexcept {
  const std::size_t end = part.find(".Frame");
  if (end == std::string_view::npos) return {};
  for (std::size_t start = part.rfind("_Z", end); start != std::string_view::npos && start > 0;
       start = part.rfind("_Z", start - 1)) {
    const char before = part[start - 1];
    if (before == ':' || (before >= '0' && before <= '9')) return part.substr(start, end - start);
  }
  return {};
}

/// Returns `parent()` for any part of the coroutine: its resume and destroy functions, and what __func__ is in them.
/// The result is not readable() yet.
inline std::string coroutine_of_part(std::string_view part) {
  if (const std::string_view symbol = symbol_of_frame_type(part); !symbol.empty()) return demangle(std::string(symbol).c_str());
  return std::string(part.substr(0, part.find(" [clone ")));
}

/// Takes the name of the type out of a type_text(): GCC's ends `[with T = int]`, Clang's `[T = int]`.
inline std::string type_of_text(std::string_view text) {
  const std::size_t start = text.find("T = ");
  if (start == std::string_view::npos || !text.ends_with(']')) return std::string(text);
  text.remove_prefix(start + 4);
  text.remove_suffix(1);
  return readable(text);
}

}  // namespace taskleak::inline v0::detail

#endif
