// SPDX-License-Identifier: MIT
/// \file Matches globs against text and against the names of functions.
#ifndef TASKLEAK_DETAIL_FILTER_GLOB_HPP
#define TASKLEAK_DETAIL_FILTER_GLOB_HPP

#include <taskleak/detail/symbols/function_name.hpp>

#include <cstddef>
#include <string_view>

namespace taskleak::inline v0::detail {

/// Returns where the character that begins at `at` ends: a `?` takes a whole UTF-8 character, or one byte of invalid UTF-8.
inline std::size_t end_of_character(std::string_view text, std::size_t at) noexcept {
  const bool multibyte = static_cast<unsigned char>(text[at]) >= 0xC0;
  ++at;
  if (multibyte)
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  return at;
}

/// Whether the whole text matches: `*` stands for any text, `?` for one character, everything else for itself.
///
/// Only the latest `*` is ever tried again, so the time is at most the product of both lengths, whatever the pattern.
inline bool glob_match(std::string_view pattern, std::string_view text) noexcept {
  constexpr std::size_t none = std::string_view::npos;
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = none;
  std::size_t taken_from = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken_from = t;
    } else if (p < pattern.size() && pattern[p] == '?') {
      ++p;
      t = end_of_character(text, t);
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != none) {
      p = star + 1;
      t = ++taken_from;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

/// Whether the pattern matches the function's whole name, or the name without its parameters and what follows them, or either
/// name without the return type (which only names of function templates have).
inline bool function_matches(std::string_view pattern, const function_name& function) noexcept {
  const auto matches_to = [&](std::size_t end) {
    return glob_match(pattern, function.whole.substr(0, end)) ||
           (function.begin != 0 && glob_match(pattern, function.whole.substr(function.begin, end - function.begin)));
  };
  const std::size_t size = function.whole.size();
  if (matches_to(size)) return true;
  if (function.parameters_begin != size && matches_to(function.parameters_begin)) return true;
  return function.parameters_end != size && matches_to(function.parameters_end);
}

inline bool function_matches(std::string_view pattern, std::string_view demangled) {
  return function_matches(pattern, split_function(demangled));
}

}  // namespace taskleak::inline v0::detail

#endif
