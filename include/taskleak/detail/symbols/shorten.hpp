// SPDX-License-Identifier: MIT
/// \file Cuts long names down to what fits into a line: `run<...>(...)` before anything of `run` itself is lost.
#ifndef TASKLEAK_DETAIL_SYMBOLS_SHORTEN_HPP
#define TASKLEAK_DETAIL_SYMBOLS_SHORTEN_HPP

#include <taskleak/detail/symbols/scan.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace taskleak::inline v0::detail {

/// Returns the name with `<...>` for template arguments that are nested deeper than the depth, and, if asked, `(...)` for all
/// parameters. Where its brackets do not match, the name is returned.
inline std::string elide(std::string_view name, std::size_t depth, bool parameters) {
  std::string out;
  std::string open;  // closing brackets to come
  std::size_t angles = 0;
  for (std::size_t at = 0; at < name.size();) {
    if (is_operator_at(name, at)) {
      std::size_t length = operator_length(name, at);
      if (name.substr(at + length).starts_with(" <")) ++length;  // `operator< <int>`
      out += name.substr(at, length);
      at += length;
      continue;
    }
    const char c = name[at];
    const bool is_template = c == '<' && angles >= depth;
    const bool is_list = c == '(' && parameters && !is_name_in_brackets(name, at);
    if (is_template || is_list) {
      const std::size_t end = skip_brackets(name, at);
      if (end == std::string_view::npos) return std::string(name);
      if (end - at > 5)
        out += is_template ? "<...>" : "(...)";
      else
        out += name.substr(at, end - at);
      at = end;
      continue;
    }
    if (c == '<') {
      ++angles;
      open += '>';
    } else if (c == '(' || c == '[' || c == '{') {
      open += c == '(' ? ')' : c == '[' ? ']' : '}';
    } else if (c == '>' && !open.empty() && open.back() == '>' && name[at - 1] != '-') {
      --angles;
      open.pop_back();
    } else if ((c == ')' || c == ']' || c == '}') && !open.empty() && open.back() == c) {
      open.pop_back();
    }
    out += c;
    ++at;
  }
  return out;
}

/// Returns the last part of a qualified name that fits, behind `...::`; empty where no part does.
inline std::string without_outer_scopes(std::string_view name, std::size_t longest) {
  constexpr std::string_view mark = "...::";
  for (std::size_t at = 0; at < name.size();) {
    if (is_operator_at(name, at)) break;  // the last part of all
    if (const char c = name[at]; c == '(' || c == '[' || c == '{' || c == '<') {
      at = skip_brackets(name, at);
      if (at == std::string_view::npos) break;
      continue;
    }
    if (name.substr(at).starts_with("::") && mark.size() + name.size() - at - 2 <= longest)
      return std::string(mark).append(name.substr(at + 2));
    ++at;
  }
  return {};
}

/// Returns a name of at most so many bytes, which are 40 or more.
///
/// Template arguments go first, from the inside out, then parameters, then the scopes around, and the function's own name last.
inline std::string shorten_name(std::string_view name, std::size_t longest) {
  if (name.size() <= longest) return std::string(name);
  if (name.size() > longest_name) return shorten_name(outline_of(name), longest);
  std::string shortened;
  for (std::size_t depth = 6; depth > 0; --depth) {
    shortened = elide(name, depth, false);
    if (shortened.size() <= longest) return shortened;
  }
  shortened = elide(name, 0, false);
  if (shortened.size() <= longest) return shortened;
  shortened = elide(shortened, 0, true);
  if (shortened.size() <= longest) return shortened;
  if (std::string inner = without_outer_scopes(shortened, longest); !inner.empty()) return inner;
  shortened.resize(longest - 3);
  while (!shortened.empty() && (static_cast<unsigned char>(shortened.back()) & 0xC0) == 0x80) shortened.pop_back();
  if (!shortened.empty() && static_cast<unsigned char>(shortened.back()) >= 0xC0) shortened.pop_back();
  return shortened + "...";
}

}  // namespace taskleak::inline v0::detail

#endif
