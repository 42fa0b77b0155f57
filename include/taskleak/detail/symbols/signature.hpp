// SPDX-License-Identifier: MIT
/// \file Finds the parts of a demangled function name that are not its name: return type, marks of the compiler, thunks.
#ifndef TASKLEAK_DETAIL_SYMBOLS_SIGNATURE_HPP
#define TASKLEAK_DETAIL_SYMBOLS_SIGNATURE_HPP

#include <taskleak/detail/symbols/scan.hpp>

#include <cstddef>
#include <string_view>

namespace taskleak::inline v0::detail {

/// Returns the name without the return type in front, which demanglers print for templates and `__PRETTY_FUNCTION__` for all.
constexpr std::string_view drop_return_type(std::string_view text) noexcept {
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (is_operator_at(text, at)) {
      const std::size_t length = operator_length(text, at);
      at += length;
      if (length == 8 && at < text.size()) return text.substr(start);  // a conversion: its type may hold anything
      if (text.substr(at).starts_with(" <")) ++at;                     // `operator<< <char>`
      continue;
    }
    const char c = text[at];
    if (c == ' ') {
      start = ++at;
    } else if (c == '(' && !is_name_in_brackets(text, at)) {
      const std::string_view before = text.substr(start, at - start);
      const std::size_t end = skip_brackets(text, at);
      if (end == std::string_view::npos) return text;
      if (before == "decltype" || (before.empty() && text.substr(0, at).ends_with("decltype "))) {
        at = end;
      } else if (before.empty() && at > 0) {
        // `void (*name(int))(char)`: a function that returns a pointer to function
        std::string_view inner = text.substr(at + 1, end - at - 2);
        const std::size_t mark = inner.find_first_of("*&");
        if (mark == std::string_view::npos) return text;
        inner.remove_prefix(mark + 1);
        while (!inner.empty() && (inner.front() == '&' || inner.front() == ' ')) inner.remove_prefix(1);
        return inner.empty() ? text : drop_return_type(inner);
      } else {
        return text.substr(start);
      }
    } else if (c == '(' || c == '<' || c == '[' || c == '{') {
      at = skip_brackets(text, at);
      if (at == std::string_view::npos) return text;
    } else {
      ++at;
    }
  }
  return text;
}

/// Returns the name without what the compiler adds for the copies and pieces it makes of a function.
constexpr std::string_view drop_clone_suffix(std::string_view text) noexcept {
  for (;;) {
    std::size_t at = std::string_view::npos;
    if (text.ends_with(']'))
      at = text.rfind(" [clone ");
    else if (text.ends_with(')'))
      at = text.rfind(" (.");
    if (at == std::string_view::npos || text.find(text.ends_with(']') ? ']' : ')', at) + 1 != text.size()) break;
    text = text.substr(0, at);
  }
  // of a C function, or of one with a C name
  if (text.find_first_of("(< ") == std::string_view::npos) {
    for (const std::string_view piece : {".cold", ".isra.", ".constprop.", ".part.", ".lto_priv.", ".llvm."})
      if (const std::size_t at = text.find(piece); at != std::string_view::npos && at > 0) text = text.substr(0, at);
  }
  return text;
}

/// Returns the name without what stands behind the part of a coroutine, if it is one: `f(...) [clone .actor]` of
/// `f(...) [clone .actor] [clone .cold]`, in which the landing pads of the same function are.
constexpr std::string_view drop_piece_of_part(std::string_view text) noexcept {
  for (const std::string_view part : {" [clone .actor]", " [clone .destroy]", " [clone .resume]"})
    if (const std::size_t at = text.rfind(part);
        at != std::string_view::npos && text.substr(at + part.size()).starts_with(" [clone "))
      return text.substr(0, at + part.size());
  return text;
}

/// Whether the function is one of those that a coroutine's body is split into.
constexpr bool is_body_of_coroutine(std::string_view text) noexcept {
  text = drop_piece_of_part(text);
  return text.ends_with(" [clone .actor]") || text.ends_with(" [clone .resume]");
}

/// Returns the coroutine that a function is the body of: g++ names it `f(f(int)::_Z1fi.Frame*) [clone .actor]`. Otherwise the
/// text.
constexpr std::string_view coroutine_of_body(std::string_view whole) noexcept {
  const std::string_view text = drop_piece_of_part(whole);
  if (!text.ends_with(" [clone .actor]") && !text.ends_with(" [clone .destroy]")) return text;
  const std::size_t frame = text.rfind(".Frame*)");
  if (frame == std::string_view::npos) return text;
  const std::size_t end = text.substr(0, frame).rfind("::_Z");
  if (end == std::string_view::npos) return text;
  for (std::size_t at = 0; at < end; ++at) {
    if (is_operator_at(text, at)) {
      at += operator_length(text, at) - 1;
    } else if (text[at] == '(' || text[at] == '<' || text[at] == '[' || text[at] == '{') {
      const std::size_t behind = skip_brackets(text, at);
      if (behind == std::string_view::npos) return text;
      if (behind == frame + std::string_view(".Frame*)").size()) return text.substr(at + 1, end - at - 1);
      at = behind - 1;
    }
  }
  return text;
}

/// Returns the function that a thunk adjusts `this` for, or the text.
constexpr std::string_view target_of_thunk(std::string_view text) noexcept {
  for (const std::string_view prefix : {"non-virtual thunk to ", "virtual thunk to ", "covariant return thunk to "})
    if (text.starts_with(prefix)) return text.substr(prefix.size());
  return text;
}

}  // namespace taskleak::inline v0::detail

#endif
