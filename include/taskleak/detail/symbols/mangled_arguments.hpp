// SPDX-License-Identifier: MIT
/// \file Reads template arguments and parameters in mangled names, and the substitutions.
#ifndef TASKLEAK_DETAIL_SYMBOLS_MANGLED_ARGUMENTS_HPP
#define TASKLEAK_DETAIL_SYMBOLS_MANGLED_ARGUMENTS_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/symbols/mangled_grammar.hpp>
#include <taskleak/detail/symbols/mangled_node.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace taskleak::inline v0::detail {

inline mangled_parser::node mangled_parser::with_arguments(node of, name_state* state) {
  mangled_node* const made = nodes_.make(kind::arguments, {}, of);
  template_arguments(made->children);
  if (state) {
    state->ends_with_arguments = true;
    state->arguments = made;
  }
  return failed_ ? nullptr : made;
}

inline void mangled_parser::template_parameter_declaration() {
  const deeper guard(*this);
  if (failed_ || take("Ty")) return;
  if (take("Tn")) {
    type();
  } else if (take("Tk")) {
    name(nullptr);
  } else if (take("Tp")) {
    template_parameter_declaration();
  } else if (take("Tt")) {
    while (!failed_ && peek() == 'T') template_parameter_declaration();
    if (take("Q")) expression();
    if (!take("E")) fail();
  } else {
    fail();
  }
}

inline mangled_parser::node mangled_parser::substitution() {
  constexpr std::pair<std::string_view, std::string_view> known[] = {{"Sa", "std::allocator"}, {"Sb", "std::basic_string"},
                                                                     {"Ss", "std::string"},    {"Si", "std::istream"},
                                                                     {"So", "std::ostream"},   {"Sd", "std::iostream"}};
  for (const auto& [code, words] : known) {
    if (!take(code)) continue;
    node found = text_node(words);
    if (peek() != 'B') return found;
    while (take("B")) source_name();
    return remember(found);
  }
  if (!take("S")) return fail();
  const std::size_t index = sequence(36);
  return index < substitutions_.size() ? substitutions_[index] : fail();
}

inline mangled_parser::node mangled_parser::template_parameter() {
  if (!take("T")) return fail();
  if (take("L")) {
    sequence(10);
    if (!failed_ && !(is_digit(peek()) || peek() == '_')) return fail();
    sequence(10);
    return text_node("auto");
  }
  const std::size_t index = sequence(10);
  if (failed_) return nullptr;
  mangled_node* const found =
      nodes_.make(kind::parameter, in_lambda_ ? nodes_.keep("auto:" + std::to_string(index + 1)) : "auto");
  found->number = index;
  return found;
}

inline void mangled_parser::template_arguments(light_vector<node>& into) {
  if (!take("I")) fail();
  while (!failed_ && peek() != 'E' && peek() != 'Q') into.push_back(template_argument());
  if (take("Q")) expression();
  if (!take("E")) fail();
}

inline mangled_parser::node mangled_parser::template_argument() {
  const deeper guard(*this);
  if (failed_) return nullptr;
  if (take("X")) {
    if (peek() == 'T') {
      node found = template_parameter();
      if (take("E")) return found;
      return fail();
    }
    expression();
    if (!take("E")) return fail();
    return text_node("(...)");
  }
  if (peek() == 'L') return literal();
  if (take("J")) {
    mangled_node* const pack = nodes_.make(kind::pack);
    while (!failed_ && !take("E")) pack->children.push_back(template_argument());
    return failed_ ? nullptr : pack;
  }
  if (peek() == 'T' && (peek(1) == 'y' || peek(1) == 'n' || peek(1) == 't' || peek(1) == 'p' || peek(1) == 'k')) {
    template_parameter_declaration();
    return template_argument();
  }
  return type();
}

inline mangled_parser::node mangled_parser::literal() {
  if (!take("L")) return fail();
  if (take("_Z")) {
    node of = encoding();
    if (!take("E")) return fail();
    return join("&", of);
  }
  const char c = peek();
  node of = type();
  const std::size_t start = at_;
  take("n");
  while (is_digit(peek()) || is_lower(peek()) || peek() == '_') ++at_;
  const std::string_view digits = text_.substr(start, at_ - start);
  if (failed_ || !of || !take("E")) return fail();
  if (digits.empty()) return of->is == kind::text && of->text == "decltype(nullptr)" ? text_node("nullptr") : of;
  std::string value(digits);
  if (value[0] == 'n') value[0] = '-';
  if (c == 'b') return text_node(value == "0" ? "false" : "true");
  constexpr std::pair<char, std::string_view> suffixes[] = {{'i', ""},   {'j', "u"},  {'l', "l"},
                                                            {'m', "ul"}, {'x', "ll"}, {'y', "ull"}};
  for (const auto& [code, suffix] : suffixes)
    if (c == code) return text_node(nodes_.keep(value.append(suffix)));
  mangled_node* const cast = nodes_.make(kind::encoding, nodes_.keep(std::move(value)), text_node(""));
  cast->children.push_back(of);  // `(Color)1`
  return cast;
}

}  // namespace taskleak::inline v0::detail

#endif
