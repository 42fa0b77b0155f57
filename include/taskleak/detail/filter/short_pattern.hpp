// SPDX-License-Identifier: MIT
/// \file Turns names into globs that stand on one line of a suppression file, and makes long ones shorter.
#ifndef TASKLEAK_DETAIL_FILTER_SHORT_PATTERN_HPP
#define TASKLEAK_DETAIL_FILTER_SHORT_PATTERN_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/text.hpp>
#include <taskleak/detail/base/visible.hpp>
#include <taskleak/detail/filter/glob.hpp>
#include <taskleak/detail/filter/suppression_file.hpp>
#include <taskleak/detail/filter/telling_functions.hpp>
#include <taskleak/detail/symbols/function_name.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace taskleak::inline v0::detail {

/// Makes the glob of a line that matches this name: what a line cannot hold, or would read as something else, becomes `?`, and
/// each number that a macro gave to a test, or to its suite, becomes `*`.
inline std::string pattern_for_line(std::string_view name) {
  std::string pattern(name);
  for (std::size_t from = 0; from < pattern.size();) {
    const std::size_t at = begin_of_test_number(std::string_view(pattern).substr(from));
    if (at == std::string_view::npos) break;
    from += at;
    pattern.replace(from, std::min(pattern.find_first_not_of("0123456789", from), pattern.size()) - from, "*");
  }
  for (std::size_t i = 0; i < pattern.size();) {
    const bool at_edge = i == 0 || i + 1 == pattern.size();
    const bool begins_reason = pattern[i] == '#' && i > 0 && is_blank(pattern[i - 1]);
    const std::size_t size = shown_character_size(std::string_view(pattern).substr(i));
    if (size == 0)
      pattern.replace(i, end_of_character(pattern, i) - i, "?");
    else if (begins_reason || (at_edge && is_blank(pattern[i])))
      pattern[i] = '?';
    i += std::max<std::size_t>(size, 1);
  }
  for (std::size_t at = 0; (at = find_conjunction(pattern)) != std::string::npos;) pattern[at] = '?';
  if (has_loose_conjunction(pattern)) pattern.back() = '?';
  return pattern;
}

/// Returns where the UTF-8 character around `at` begins.
constexpr std::size_t begin_of_character(std::string_view text, std::size_t at) noexcept {
  while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

/// Returns where the part of a name begins that is to be kept: the last part, with a lambda and the function it belongs to.
inline std::size_t begin_of_own_name(std::string_view base) noexcept {
  std::size_t begin = begin_of_last_part(base);
  while (begin > 0 && is_bare_lambda(base.substr(begin))) {
    const std::size_t before = begin_of_last_part(base.substr(0, begin - 2));
    if (before == 0) break;
    begin = before;
  }
  return begin;
}

/// Shortens a glob of plain text, such as a test's name, to at most `most` bytes: the middle becomes `*`.
inline std::string cut_pattern(std::string pattern, std::size_t most) {
  if (pattern.size() <= most) return pattern;
  const std::size_t head = begin_of_character(pattern, most / 2);
  std::size_t tail = pattern.size() - (most - 1 - head);
  while (tail < pattern.size() && (static_cast<unsigned char>(pattern[tail]) & 0xC0) == 0x80) ++tail;
  return pattern.substr(0, head) + '*' + pattern.substr(tail);
}

/// Returns where the bracket that opens at `open` is closed; npos when it is not closed.
constexpr std::size_t closing_bracket(std::string_view text, std::size_t open) noexcept {
  int depth = 0;
  for (std::size_t at = open; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '(' || c == '<' || c == '{' || c == '[') ++depth;
    if ((c == ')' || c == '}' || c == ']' || (c == '>' && text[at - 1] != '-')) && --depth == 0) return at;
  }
  return std::string_view::npos;
}

/// Puts `*` into the outermost brackets of this kind, except the last part's own; `(anonymous namespace)` becomes `(anon*)`.
inline std::string with_stars_in(char bracket, std::string_view base) {
  constexpr std::string_view nameless = "(anonymous namespace)";
  std::string squeezed;
  for (std::size_t at = 0; at < base.size();) {
    const bool is_operator = squeezed.ends_with("operator");
    const std::size_t end = is_operator ? std::string_view::npos : closing_bracket(base, at);
    const bool opens = base[at] == '(' || base[at] == '<' || base[at] == '{' || base[at] == '[';
    if (!opens || end == std::string_view::npos) {
      squeezed += base[at++];
      continue;
    }
    const std::string_view group = base.substr(at, end + 1 - at);
    if (group == nameless)
      squeezed += "(anon*)";
    else if (group.front() == bracket && group.size() > 4 && group != "(anon*)")
      squeezed.append(1, bracket).append(1, '*').append(1, group.back());
    else
      squeezed += group;
    at = end + 1;
  }
  return squeezed;
}

/// Makes a glob of at most `most` bytes that matches the name of the function. Left out, until the glob fits, are the return
/// type, the parameters, the word for a namespace without a name, the parameters of functions around a lambda, and then the text
/// between the beginning, where the instances of a template differ, and the function's own name.
inline std::string pattern_for_function(std::string_view name, std::size_t most) {
  const function_name parts = split_function(name);
  if (name.size() <= most) return pattern_for_line(name);
  if (name.size() - parts.begin <= most) return pattern_for_line(name.substr(parts.begin));
  std::string base(parts.base().empty() ? name : parts.base());
  if (base.size() > most) base = with_stars_in(' ', base);
  if (base.size() > most) base = with_stars_in('(', base);
  if (base.size() > most && base.size() - begin_of_own_name(base) + 3 > most) base = with_stars_in('<', base);
  if (base.size() <= most) return pattern_for_line(base);
  const std::size_t own = begin_of_own_name(base);
  const std::size_t tail = own > 1 ? own - 2 : own;  // with its `::`
  const std::size_t size = base.size() - tail;
  // for a lambda in a lambda the function around both says more than the end of the name
  if (size >= most) return pattern_for_line('*' + base.substr(tail, begin_of_character(base, tail + most - 2) - tail) + '*');
  return pattern_for_line(base.substr(0, begin_of_character(base, most - 1 - size)) + '*' + base.substr(tail));
}

/// Returns the greatest length to cut texts of these lengths to, so that all of them fit into the room together.
inline std::size_t fair_share(std::vector<std::size_t> lengths, std::size_t room) {
  detail::sort(lengths);
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const std::size_t share = room / (lengths.size() - i);
    if (lengths[i] > share) return share;
    room -= lengths[i];
  }
  return lengths.empty() ? room : lengths.back();
}

}  // namespace taskleak::inline v0::detail

#endif
