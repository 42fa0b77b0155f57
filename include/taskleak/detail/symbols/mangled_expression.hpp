// SPDX-License-Identifier: MIT
/// \file Reads the expressions in mangled names, for the types and substitutions in them.
#ifndef TASKLEAK_DETAIL_SYMBOLS_MANGLED_EXPRESSION_HPP
#define TASKLEAK_DETAIL_SYMBOLS_MANGLED_EXPRESSION_HPP

#include <taskleak/detail/symbols/mangled_node.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace taskleak::inline v0::detail {

/// Base of the parser that it is a part of.
template <class Parser>
class mangled_expression {
 protected:
  void expression() {
    Parser& p = parser();
    const typename Parser::deeper guard(p);
    if (p.failed_) return;
    const char c = p.peek();
    if (c == 'L') return void(p.literal());
    if (c == 'T') return void(p.template_parameter());
    if (Parser::is_digit(c) || c == 'N') return unresolved_name();
    if (c == 'S') {  // a concept-id whose name was there before
      p.type();
      return;
    }
    p.take("gs");
    if (p.take("fpT")) return;
    if (p.take("fp") || p.take("fL")) return function_parameter();
    if (p.take("sr")) return unresolved();
    if (p.take("on")) {
      p.operator_name(nullptr);
      return template_arguments();
    }
    if (p.take("sZ")) return p.peek() == 'T' ? void(p.template_parameter()) : expression();
    if (p.take("sP")) return until_end([&] { p.template_argument(); });
    if (p.take("rq") || (p.peek() == 'r' && p.peek(1) == 'Q')) return requires_expression();
    if (p.take("tl")) {
      p.type();
      return until_end([&] { expression(); });
    }
    if (p.take("il")) return until_end([&] { expression(); });
    if (p.take("cl") || p.take("cp")) return until_end([&] { expression(); });
    if (p.take("cv")) {
      p.type();
      if (p.take("_")) return until_end([&] { expression(); });
      return expression();
    }
    if (p.take("nw") || p.take("na")) {
      while (!p.failed_ && !p.take("_")) expression();
      p.type();
      if (p.take("pi")) return until_end([&] { expression(); });
      if (p.peek() == 'i') return expression();
      if (!p.take("E")) p.fail();
      return;
    }
    if (p.take("u")) {
      p.source_name();
      return until_end([&] { p.template_argument(); });
    }
    if (p.take("mc")) {
      p.type();
      expression();
      p.number();
      if (!p.take("E")) p.fail();
      return;
    }
    if (p.take("so")) {
      p.type();
      expression();
      p.number();
      while (p.take("_")) p.number();
      p.take("p");
      if (!p.take("E")) p.fail();
      return;
    }
    if (p.take("di")) {
      p.source_name();
      return expression();
    }
    for (const std::string_view code : {"ti", "st", "at"})
      if (p.take(code)) return void(p.type());
    for (const std::string_view code : {"dc", "sc", "cc", "rc"})
      if (p.take(code)) {
        p.type();
        return expression();
      }
    for (const std::string_view code : {"fl", "fr"})
      if (p.take(code)) return fold(1);
    for (const std::string_view code : {"fL", "fR"})
      if (p.take(code)) return fold(2);
    if (p.take("tr")) return;
    if (p.take("dt") || p.take("pt")) {
      expression();
      return expression();
    }
    for (const std::string_view code : {"pp_", "mm_", "pp", "mm", "ps", "ng", "ad", "de", "co", "nt",
                                        "te",  "sz",  "az", "nx", "sp", "tw", "dl", "da", "aw", "pi"})
      if (p.take(code)) return operands(1);
    for (const std::string_view code : {"qu", "dX"})
      if (p.take(code)) return operands(3);
    for (const std::string_view code :
         {"pl", "mi", "ml", "dv", "rm", "an", "or", "eo", "aS", "pL", "mI", "mL", "dV", "rM", "aN", "oR", "eO", "ls",
          "rs", "lS", "rS", "eq", "ne", "lt", "gt", "le", "ge", "ss", "aa", "oo", "cm", "pm", "ix", "ds", "dx"})
      if (p.take(code)) return operands(2);
    p.fail();
  }

 private:
  Parser& parser() noexcept { return static_cast<Parser&>(*this); }

  template <class Read>
  void until_end(Read&& read) {
    Parser& p = parser();
    while (!p.failed_ && !p.take("E")) read();
  }

  void operands(int count) {
    while (count-- > 0) expression();
  }

  void fold(int count) {
    parser().at_ += 2;  // the operator
    operands(count);
  }

  /// Behind `fp` or `fL`.
  void function_parameter() {
    Parser& p = parser();
    if (Parser::is_digit(p.peek()) && p.text_[p.at_ - 1] == 'L') {
      p.number();
      if (!p.take("p")) p.fail();
    }
    while (p.take("r") || p.take("V") || p.take("K")) {
    }
    p.number();
    if (!p.take("_")) p.fail();
  }

  void unresolved_name() {
    Parser& p = parser();
    if (p.peek() == 'N') return void(p.name(nullptr));
    p.source_name();
    template_arguments();
  }

  void template_arguments() {
    Parser& p = parser();
    if (p.peek() != 'I') return;
    std::vector<const mangled_node*> unused;
    p.template_arguments(unused);
  }

  /// Behind `sr`.
  void unresolved() {
    Parser& p = parser();
    // g++ has a type here that may be a nested name, clang a row of levels that ends in E
    const bool is_nested_type = p.peek() == 'N' && p.peek(1) == 'S';
    const bool has_levels = Parser::is_digit(p.peek()) || (!is_nested_type && p.take("N"));
    const bool has_type = !Parser::is_digit(p.peek());
    if (has_type) {
      p.type();
      template_arguments();
    }
    if (has_levels)
      until_end([&] {
        p.source_name();
        template_arguments();
      });
    base_name();
  }

  void base_name() {
    Parser& p = parser();
    if (p.take("dn")) {
      Parser::is_digit(p.peek()) ? void(p.source_name()) : void(p.type());
    } else if (p.take("on")) {
      p.operator_name(nullptr);
    } else {
      p.source_name();
    }
    template_arguments();
  }

  void requires_expression() {
    Parser& p = parser();
    if (p.take("rQ")) {
      while (!p.failed_ && !p.take("_")) p.type();
    }
    until_end([&] {
      if (p.take("X")) {
        expression();
        p.take("N");  // noexcept
        if (p.take("R")) p.name(nullptr);
      } else if (p.take("T")) {
        p.type();
      } else if (p.take("Q")) {
        expression();
      } else {
        p.fail();
      }
    });
  }
};

}  // namespace taskleak::inline v0::detail

#endif
