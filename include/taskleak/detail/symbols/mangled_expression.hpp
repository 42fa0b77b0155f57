// SPDX-License-Identifier: MIT
/// \file Reads the expressions in mangled names, for the types and substitutions in them.
#ifndef TASKLEAK_DETAIL_SYMBOLS_MANGLED_EXPRESSION_HPP
#define TASKLEAK_DETAIL_SYMBOLS_MANGLED_EXPRESSION_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/symbols/mangled_grammar.hpp>
#include <taskleak/detail/symbols/mangled_node.hpp>

#include <cstddef>
#include <string_view>

namespace taskleak::inline v0::detail {

inline void mangled_parser::expression() {
  const deeper guard(*this);
  if (failed_) return;
  const char c = peek();
  if (c == 'L') return void(literal());
  if (c == 'T') return void(template_parameter());
  if (is_digit(c) || c == 'N') return unresolved_name();
  if (c == 'S') {  // a concept-id whose name was there before
    type();
    return;
  }
  take("gs");
  if (take("fpT")) return;
  if (take("fp") || take("fL")) return function_parameter();
  if (take("sr")) return unresolved();
  if (take("on")) {
    operator_name(nullptr);
    return skip_template_arguments();
  }
  if (take("sZ")) return peek() == 'T' ? void(template_parameter()) : expression();
  if (take("sP")) return until_end([&] { template_argument(); });
  if (take("rq") || (peek() == 'r' && peek(1) == 'Q')) return requires_expression();
  if (take("tl")) {
    type();
    return until_end([&] { expression(); });
  }
  if (take("il")) return until_end([&] { expression(); });
  if (take("cl") || take("cp")) return until_end([&] { expression(); });
  if (take("cv")) {
    type();
    if (take("_")) return until_end([&] { expression(); });
    return expression();
  }
  if (take("nw") || take("na")) {
    while (!failed_ && !take("_")) expression();
    type();
    if (take("pi")) return until_end([&] { expression(); });
    if (peek() == 'i') return expression();
    if (!take("E")) fail();
    return;
  }
  if (take("u")) {
    source_name();
    return until_end([&] { template_argument(); });
  }
  if (take("mc")) {
    type();
    expression();
    number();
    if (!take("E")) fail();
    return;
  }
  if (take("so")) {
    type();
    expression();
    number();
    while (take("_")) number();
    take("p");
    if (!take("E")) fail();
    return;
  }
  if (take("di")) {
    source_name();
    return expression();
  }
  for (const std::string_view code : {"ti", "st", "at"})
    if (take(code)) return void(type());
  for (const std::string_view code : {"dc", "sc", "cc", "rc"})
    if (take(code)) {
      type();
      return expression();
    }
  for (const std::string_view code : {"fl", "fr"})
    if (take(code)) return fold(1);
  for (const std::string_view code : {"fL", "fR"})
    if (take(code)) return fold(2);
  if (take("tr")) return;
  if (take("dt") || take("pt")) {
    expression();
    return expression();
  }
  for (const std::string_view code :
       {"pp_", "mm_", "pp", "mm", "ps", "ng", "ad", "de", "co", "nt", "te", "sz", "az", "nx", "sp", "tw", "dl", "da", "aw", "pi"})
    if (take(code)) return operands(1);
  for (const std::string_view code : {"qu", "dX"})
    if (take(code)) return operands(3);
  for (const std::string_view code :
       {"pl", "mi", "ml", "dv", "rm", "an", "or", "eo", "aS", "pL", "mI", "mL", "dV", "rM", "aN", "oR", "eO", "ls",
        "rs", "lS", "rS", "eq", "ne", "lt", "gt", "le", "ge", "ss", "aa", "oo", "cm", "pm", "ix", "ds", "dx"})
    if (take(code)) return operands(2);
  fail();
}

template <class Read>
void mangled_parser::until_end(Read&& read) {
  while (!failed_ && !take("E")) read();
}

inline void mangled_parser::operands(int count) {
  while (count-- > 0) expression();
}

inline void mangled_parser::fold(int count) {
  skip(2);  // the operator
  operands(count);
}

/// Reads what stands behind `fp` or `fL`.
inline void mangled_parser::function_parameter() {
  if (is_digit(peek()) && text_[at_ - 1] == 'L') {
    number();
    if (!take("p")) fail();
  }
  while (take("r") || take("V") || take("K")) {
  }
  number();
  if (!take("_")) fail();
}

inline void mangled_parser::unresolved_name() {
  if (peek() == 'N') return void(name(nullptr));
  source_name();
  skip_template_arguments();
}

inline void mangled_parser::skip_template_arguments() {
  if (peek() != 'I') return;
  light_vector<const mangled_node*> unused;
  template_arguments(unused);
}

/// Reads what stands behind `sr`.
inline void mangled_parser::unresolved() {
  // g++ has a type here that may be a nested name, clang a row of levels that ends in E
  const bool is_nested_type = peek() == 'N' && peek(1) == 'S';
  const bool has_levels = is_digit(peek()) || (!is_nested_type && take("N"));
  const bool has_type = !is_digit(peek());
  if (has_type) {
    type();
    skip_template_arguments();
  }
  if (has_levels)
    until_end([&] {
      source_name();
      skip_template_arguments();
    });
  base_name();
}

inline void mangled_parser::base_name() {
  if (take("dn")) {
    is_digit(peek()) ? void(source_name()) : void(type());
  } else if (take("on")) {
    operator_name(nullptr);
  } else {
    source_name();
  }
  skip_template_arguments();
}

inline void mangled_parser::requires_expression() {
  if (take("rQ")) {
    while (!failed_ && !take("_")) type();
  }
  until_end([&] {
    if (take("X")) {
      expression();
      take("N");  // noexcept
      if (take("R")) name(nullptr);
    } else if (take("T")) {
      type();
    } else if (take("Q")) {
      expression();
    } else {
      fail();
    }
  });
}

}  // namespace taskleak::inline v0::detail

#endif
