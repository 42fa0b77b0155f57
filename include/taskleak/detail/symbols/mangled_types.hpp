// SPDX-License-Identifier: MIT
/// \file Reads the types in mangled names.
#ifndef TASKLEAK_DETAIL_SYMBOLS_MANGLED_TYPES_HPP
#define TASKLEAK_DETAIL_SYMBOLS_MANGLED_TYPES_HPP

#include <taskleak/detail/symbols/mangled_grammar.hpp>
#include <taskleak/detail/symbols/mangled_node.hpp>
#include <taskleak/detail/symbols/mangled_words.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace taskleak::inline v0::detail {

inline mangled_parser::node mangled_parser::builtin_type() {
  const char c = peek();
  if (!is_lower(c) || builtin_words[c - 'a'].empty()) return nullptr;
  ++at_;
  return text_node(builtin_words[c - 'a']);
}

inline mangled_parser::node mangled_parser::type() {
  const deeper guard(*this);
  if (failed_) return nullptr;
  if (node found = builtin_type()) return found;
  node found = nullptr;
  switch (peek()) {
    case 'r':
    case 'V':
    case 'K': {
      std::string qualifiers;
      for (; peek() == 'r' || peek() == 'V' || peek() == 'K'; ++at_)
        qualifiers = (peek() == 'r' ? " restrict" : peek() == 'V' ? " volatile" : " const") + qualifiers;
      found = type();
      if (found && found->is == kind::function) {
        mangled_node* const made = nodes_.make(kind::function, {}, found->first);
        made->children = found->children;
        made->text = nodes_.keep(qualifiers + std::string(found->text));
        found = made;
      } else if (found) {
        found = make(kind::qualified, nodes_.keep(std::move(qualifiers)), found);
      }
      break;
    }
    case 'P': found = pointer("*"); break;
    case 'R': found = pointer("&"); break;
    case 'O': found = pointer("&&"); break;
    case 'C':
    case 'G': {
      const bool is_complex = peek() == 'C';
      ++at_;
      node of = type();
      found = of ? make(kind::qualified, is_complex ? " _Complex" : " _Imaginary", of) : fail();
      break;
    }
    case 'U': {
      ++at_;
      node attribute = source_name();
      if (peek() == 'I') attribute = with_arguments(attribute, nullptr);
      node of = type();
      found = attribute && of ? of : fail();
      break;
    }
    case 'M': {
      ++at_;
      node of = type();
      node member = type();
      found = of && member ? make(kind::to_member, {}, of, member) : fail();
      break;
    }
    case 'A': found = array_type(); break;
    case 'F': found = function_type(); break;
    case 'D': {
      bool is_builtin = false;
      found = d_type(is_builtin);
      if (is_builtin) return found;
      break;
    }
    case 'T':
      if (peek(1) == 's' || peek(1) == 'u' || peek(1) == 'e') {
        at_ += 2;
        found = name(nullptr);
        break;
      }
      found = template_parameter();
      if (peek() == 'I' && found) {
        remember(found);
        found = with_arguments(found, nullptr);
      }
      break;
    case 'u':
      ++at_;
      found = source_name();
      if (peek() == 'I' && found) found = with_arguments(found, nullptr);
      break;
    case 'S':
      if (peek(1) != 't') {
        found = substitution();
        if (peek() != 'I' || !found) return found;
        found = with_arguments(found, nullptr);
        break;
      }
      [[fallthrough]];
    default: found = name(nullptr);
  }
  return failed_ ? nullptr : remember(found);
}

inline mangled_parser::node mangled_parser::pointer(std::string_view sign) {
  ++at_;
  node to = type();
  return to ? make(kind::pointer, sign, to) : fail();
}

/// Reads `_`, a number and `_`, or an expression and `_`.
inline std::string_view mangled_parser::bound() {
  if (take("_")) return {};
  if (is_digit(peek())) {
    const std::string_view found = number();
    if (!take("_")) fail();
    return found;
  }
  expression();
  if (!take("_")) fail();
  return "...";
}

inline mangled_parser::node mangled_parser::array_type() {
  take("A");
  const std::string_view size = bound();
  node of = type();
  return of ? make(kind::array, size, of) : fail();
}

inline mangled_parser::node mangled_parser::function_type() {
  while (peek() == 'D') {
    if (take("Do") || take("Dx")) continue;
    if (take("DO")) {
      expression();
      if (!take("E")) return fail();
    } else if (take("Dw")) {
      while (!failed_ && !take("E")) type();
    } else {
      return fail();
    }
  }
  if (!take("F")) return fail();
  take("Y");
  mangled_node* const made = nodes_.make(kind::function, {}, type());
  while (!failed_ && !take("E")) {
    if (peek() == 'v' && peek(1) != '\0') {
      ++at_;
      continue;
    }
    if ((peek() == 'R' || peek() == 'O') && peek(1) == 'E') {
      made->text = peek() == 'R' ? " &" : " &&";
      ++at_;
      continue;
    }
    made->children.push_back(type());
  }
  return failed_ ? nullptr : made;
}

inline mangled_parser::node mangled_parser::d_type(bool& is_builtin) {
  constexpr std::pair<std::string_view, std::string_view> builtins[] = {
      {"Dd", "decimal64"}, {"De", "decimal128"}, {"Df", "decimal32"}, {"Dh", "half"},           {"Di", "char32_t"},
      {"Ds", "char16_t"},  {"Du", "char8_t"},    {"Da", "auto"},      {"Dc", "decltype(auto)"}, {"Dn", "decltype(nullptr)"}};
  is_builtin = true;
  for (const auto& [code, words] : builtins)
    if (take(code)) return text_node(words);
  if (take("DF")) {
    const std::string_view size = number();
    if (take("b")) return text_node("std::bfloat16_t");
    const bool extended = take("x");
    if (!extended && !take("_")) return fail();
    return text_node(nodes_.keep("_Float" + std::string(size) + (extended ? "x" : "")));
  }
  if (peek(1) == 'B' || peek(1) == 'U') {
    const bool is_unsigned = peek(1) == 'U';
    at_ += 2;
    return text_node(nodes_.keep((is_unsigned ? "unsigned _BitInt(" : "_BitInt(") + std::string(bound()) + ")"));
  }
  if (take("Dk") || take("DK")) {
    node of = name(nullptr);
    return of ? make(kind::qualified, " auto", of) : fail();
  }
  is_builtin = false;
  if (take("Dp")) {
    node pattern = type();
    return pattern ? make(kind::expansion, {}, pattern) : fail();
  }
  if (take("Dy")) {
    node pack = type();
    expression();
    return pack ? text_node("auto") : fail();
  }
  if (take("Dv")) {
    const std::string_view size = bound();
    node of = type();
    return of ? make(kind::qualified, nodes_.keep(" __vector(" + std::string(size) + ")"), of) : fail();
  }
  if (peek(1) == 't' || peek(1) == 'T') return decltype_type();
  return function_type();
}

inline mangled_parser::node mangled_parser::decltype_type() {
  at_ += 2;
  expression();
  return take("E") ? text_node("decltype(...)") : fail();
}

}  // namespace taskleak::inline v0::detail

#endif
