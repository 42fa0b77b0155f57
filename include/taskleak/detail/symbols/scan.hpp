// SPDX-License-Identifier: MIT
/// \file Finds its way in a demangled name: where operators, brackets and words end.
#ifndef TASKLEAK_DETAIL_SYMBOLS_SCAN_HPP
#define TASKLEAK_DETAIL_SYMBOLS_SCAN_HPP

#include <cstddef>
#include <string>
#include <string_view>

namespace taskleak::inline v0::detail {

constexpr bool is_name_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// Whether the word `operator` stands at this position, and not only a part of a longer one.
constexpr bool is_operator_at(std::string_view text, std::size_t at) noexcept {
  constexpr std::string_view word = "operator";
  if (!text.substr(at).starts_with(word)) return false;
  if (at > 0 && is_name_character(text[at - 1])) return false;
  return at + word.size() == text.size() || !is_name_character(text[at + word.size()]);
}

/// Returns the length of the operator at this position with its symbol, `operator<<` or `operator new[]`; of a conversion
/// operator only the word itself.
constexpr std::size_t operator_length(std::string_view text, std::size_t at) noexcept {
  constexpr std::string_view symbols[] = {
      "()", "[]", "<=>", "<<=", ">>=", "->*", "->", "<<", ">>", "<=",     ">=",        "==",   "!=",      "&&",       "||",
      "++", "--", "+=",  "-=",  "*=",  "/=",  "%=", "^=", "&=", "|=",     "+",         "-",    "*",       "/",        "%",
      "^",  "&",  "|",   "~",   "!",   "=",   "<",  ">",  ",",  " new[]", " delete[]", " new", " delete", " co_await"};
  const std::string_view rest = text.substr(at + 8);
  for (const std::string_view symbol : symbols)
    if (rest.starts_with(symbol) && (symbol[0] != ' ' || rest.size() == symbol.size() || !is_name_character(rest[symbol.size()])))
      return 8 + symbol.size();
  if (rest.starts_with("\"\"")) {
    std::size_t end = rest.starts_with("\"\" ") ? 3 : 2;
    while (end < rest.size() && is_name_character(rest[end])) ++end;
    return 8 + end;
  }
  return 8;
}

/// Whether a bracket at this position belongs to a name, as in `(anonymous namespace)::f` or `(lambda at f.cpp:3:5)`.
constexpr bool is_name_in_brackets(std::string_view text, std::size_t at) noexcept {
  const std::string_view rest = text.substr(at);
  return rest.starts_with("(anonymous ") || rest.starts_with("(anonymous)") || rest.starts_with("(lambda at ") ||
         rest.starts_with("(unnamed ");
}

/// Returns the position behind the bracket that closes the one at this position, or npos if none does.
constexpr std::size_t skip_brackets(std::string_view text, std::size_t at) noexcept {
  char expected[128] = {};
  std::size_t depth = 0;
  while (at < text.size()) {
    if (is_operator_at(text, at)) {
      at += operator_length(text, at);
      continue;
    }
    const char c = text[at++];
    if (c == '(' || c == '[' || c == '{' || c == '<') {
      if (depth == sizeof expected) return std::string_view::npos;
      expected[depth++] = c == '(' ? ')' : c == '[' ? ']' : c == '{' ? '}' : '>';
    } else if (c == ')' || c == ']' || c == '}' || c == '>') {
      if (c == '>' && (text[at - 2] == '-' || expected[depth - 1] != '>')) continue;  // an arrow, or a comparison
      if (expected[--depth] != c) return std::string_view::npos;
      if (depth == 0) return at;
    }
  }
  return std::string_view::npos;
}

/// Is more than a reader can use; the work on a name grows with the length of the name.
inline constexpr std::size_t longest_name = 16 * 1024;

/// Returns of a name that is too long to be worked on what stands before its first arguments: `app::run<...>`.
inline std::string outline_of(std::string_view name) {
  constexpr std::size_t longest_outline = 1024;
  for (std::size_t at = 1; at < name.size() && at < longest_outline; ++at) {
    if (name[at] == '<') return std::string(name.substr(0, at)).append("<...>");
    if (name[at] == '(' && !is_name_in_brackets(name, at)) return std::string(name.substr(0, at)).append("(...)");
  }
  return std::string(name.substr(0, longest_outline)).append("...");
}

}  // namespace taskleak::inline v0::detail

#endif
