// SPDX-License-Identifier: MIT
/// \file Reads the names in mangled names: nested and local ones, operators, constructors, lambdas, and special names.
#ifndef TASKLEAK_DETAIL_SYMBOLS_MANGLED_NAMES_HPP
#define TASKLEAK_DETAIL_SYMBOLS_MANGLED_NAMES_HPP

#include <taskleak/detail/symbols/mangled_grammar.hpp>
#include <taskleak/detail/symbols/mangled_node.hpp>
#include <taskleak/detail/symbols/mangled_words.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace taskleak::inline v0::detail {

inline mangled_parser::node mangled_parser::encoding() {
  const deeper guard(*this);
  if (failed_) return nullptr;
  node found = peek() == 'T' || (peek() == 'G' && peek(1) != '\0') ? special_name() : function_or_data();
  return failed_ ? nullptr : found;
}

inline mangled_parser::node mangled_parser::function_or_data() {
  name_state state;
  node found = name(&state);
  if (failed_ || !found) return fail();
  if (at_end_of_encoding()) return found;
  if (take("Ua9enable_ifI")) {
    while (!failed_ && !take("E")) template_argument();
  }
  if (state.ends_with_arguments && !state.has_no_return_type) type();
  mangled_node* const function = nodes_.make(kind::encoding, state.qualifiers, found, state.arguments);
  if (!take("v"))
    while (!failed_ && !at_end_of_encoding() && peek() != 'Q') function->children.push_back(type());
  if (take("Q")) expression();
  return failed_ ? nullptr : function;
}

inline mangled_parser::node mangled_parser::special_name() {
  constexpr std::pair<std::string_view, std::string_view> of_types[] = {
      {"TV", "vtable for "}, {"TT", "VTT for "}, {"TI", "typeinfo for "}, {"TS", "typeinfo name for "}};
  for (const auto& [code, words] : of_types)
    if (take(code)) return join(words, type());
  constexpr std::pair<std::string_view, std::string_view> of_names[] = {
      {"TW", "TLS wrapper function for "}, {"TH", "TLS init function for "}, {"GV", "guard variable for "}};
  for (const auto& [code, words] : of_names)
    if (take(code)) return join(words, name(nullptr));
  if (take("GR")) {
    node of = name(nullptr);
    sequence(36);
    return join("reference temporary for ", of);
  }
  if (take("GTt") || take("GTn")) return join("transaction clone for ", encoding());
  if (take("TA")) return join("template parameter object for ", template_argument());
  if (take("Tc")) {
    call_offset();
    call_offset();
    return join("covariant return thunk to ", encoding());
  }
  if (take("TC")) {
    node of = type();
    number();
    take("_");
    type();
    return join("construction vtable for ", of);
  }
  if (take("T")) {
    const bool is_virtual = peek() == 'v';
    call_offset();
    return join(is_virtual ? "virtual thunk to " : "non-virtual thunk to ", encoding());
  }
  if (take("GI")) {
    node of = nullptr;
    while (peek() == 'W') of = module_name();
    return join("initializer for module ", of);
  }
  return fail();
}

inline void mangled_parser::call_offset() {
  const bool is_virtual = take("v");
  if (!is_virtual && !take("h")) fail();
  number();
  if (!take("_")) fail();
  if (is_virtual) {
    number();
    if (!take("_")) fail();
  }
}

inline mangled_parser::node mangled_parser::name(name_state* state) {
  const deeper guard(*this);
  if (failed_) return nullptr;
  if (peek() == 'N') return nested_name(state);
  if (peek() == 'Z') return local_name(state);
  node found = nullptr;
  if (peek() == 'S' && peek(1) != 't') {
    found = substitution();
    if (peek() != 'I') return fail();
  } else {
    node scope = take("St") ? text_node("std") : nullptr;
    found = unqualified_name(state, scope);
    if (scope && found) found = make(kind::nested, {}, scope, found);
    if (peek() == 'I') remember(found);
  }
  if (peek() == 'I') {
    if (state && depth_ <= outermost_) reached(found, "<...>");
    found = with_arguments(found, state);
  }
  return found;
}

inline mangled_parser::node mangled_parser::nested_name(name_state* state) {
  take("N");
  std::string qualifiers;
  take("H");  // an explicit object member function
  while (peek() == 'r' || peek() == 'V' || peek() == 'K') {
    const char c = text_[at_++];
    qualifiers += c == 'r' ? " restrict" : c == 'V' ? " volatile" : " const";
  }
  if (take("R")) qualifiers += " &";
  if (take("O")) qualifiers += " &&";
  node found = nullptr;
  const bool is_outermost = state && depth_ <= outermost_;
  while (!take("E")) {
    if (failed_ || peek() == '\0') return fail();
    if (found && is_outermost) reached(found, peek() == 'I' ? "<...>" : "::...");
    const char c = peek();
    if (c == 'S' && peek(1) != 't') {
      if (found) return fail();
      found = substitution();
      continue;
    }
    if (c == 'M') {  // a lambda in the initialiser of a member
      ++at_;
      continue;
    }
    if (take("St"))
      found = text_node("std");
    else if (c == 'I') {
      if (!found) return fail();
      found = with_arguments(found, state);
    } else if (c == 'T') {
      found = template_parameter();
    } else if (c == 'D' && (peek(1) == 't' || peek(1) == 'T')) {
      found = decltype_type();
    } else {
      if (state) state->ends_with_arguments = false;
      node part = unqualified_name(state, found);
      found = found && part ? make(kind::nested, {}, found, part) : part;
    }
    const bool is_std = found && found->is == kind::text && found->text == "std";
    const bool is_uncounted_variable = peek() == 'M' && !counts_variables_;
    if (!is_std && !is_uncounted_variable && peek() != 'E') remember(found);
  }
  if (state) state->qualifiers = nodes_.keep(std::move(qualifiers));
  return found;
}

inline mangled_parser::node mangled_parser::local_name(name_state* state) {
  take("Z");
  const bool is_outermost = state && depth_ <= outermost_;
  if (is_outermost) outermost_ += 2;
  node function = encoding();
  if (is_outermost) outermost_ -= 2;
  if (!take("E")) return fail();
  if (is_outermost && function) reached(function, "::...");
  if (take("s")) {
    discriminator();
    return make(kind::nested, {}, function, text_node("string literal"));
  }
  if (take("d")) {  // in a default argument
    number();
    if (!take("_")) return fail();
  }
  node entity = name(state);
  discriminator();
  return entity ? make(kind::nested, {}, function, entity) : fail();
}

inline void mangled_parser::discriminator() {
  if (peek() != '_') return;
  if (is_digit(peek(1))) {
    at_ += 2;
  } else if (peek(1) == '_') {
    at_ += 2;
    number();
    take("_");
  }
}

inline mangled_parser::node mangled_parser::module_name() {
  node found = nullptr;
  while (take("W")) {
    take("P");
    found = remember(source_name());
  }
  return found;
}

inline mangled_parser::node mangled_parser::unqualified_name(name_state* state, node scope) {
  if (peek() == 'W') module_name();
  take("F");  // a friend that is constrained by the class around it
  take("L");  // internal linkage
  node found = nullptr;
  const char c = peek();
  if (is_digit(c)) {
    found = source_name();
  } else if (take("DC")) {
    std::string all = "[";
    while (!failed_ && !take("E")) {
      node part = source_name();
      if (part) all.append(all.size() > 1 ? ", " : "").append(part->text);
    }
    found = text_node(nodes_.keep(all + "]"));
  } else if (c == 'U') {
    found = unnamed_type();
  } else if ((c == 'C' || c == 'D') && scope) {
    found = constructor(scope);
    if (state) state->has_no_return_type = true;
  } else if (is_lower(c)) {
    found = operator_name(state);
  } else {
    return fail();
  }
  while (take("B")) source_name();
  return found;
}

inline mangled_parser::node mangled_parser::source_name() {
  const std::size_t size = length();
  if (size == 0 || size > text_.size() - at_) return fail();
  const std::string_view found = text_.substr(at_, size);
  at_ += size;
  const bool is_anonymous = found.starts_with("_GLOBAL_") && found.size() > 10 && found[9] == 'N';
  return text_node(is_anonymous ? "(anonymous namespace)" : found);
}

inline mangled_parser::node mangled_parser::unnamed_type() {
  if (take("Ut")) {
    const std::size_t index = sequence(10);
    return text_node(nodes_.keep("{unnamed type#" + std::to_string(index + 1) + "}"));
  }
  if (!take("Ul")) return fail();
  mangled_node* const lambda = nodes_.make(kind::closure);
  const bool outer = in_lambda_;
  in_lambda_ = true;
  while (peek() == 'T' && is_lower(peek(1)) && peek(1) != 's' && peek(1) != 'u' && peek(1) != 'e')
    template_parameter_declaration();
  if (take("Q")) expression();
  if (!take("v"))
    while (!failed_ && peek() != 'E' && peek() != 'Q') lambda->children.push_back(type());
  if (take("Q")) expression();
  in_lambda_ = outer;
  if (!take("E")) return fail();
  lambda->text = nodes_.keep("#" + std::to_string(sequence(10) + 1) + "}");
  return lambda;
}

/// Returns the last name of a scope, which its constructors have as well.
inline std::string_view mangled_parser::last_name(node scope) noexcept {
  while (scope && scope->is != kind::text) scope = scope->is == kind::nested ? scope->second : scope->first;
  if (!scope) return {};
  const std::string_view all = scope->text;
  const std::size_t colon = all.rfind(':');
  if (all == "std::string") return "basic_string";
  if (all == "std::istream") return "basic_istream";
  if (all == "std::ostream") return "basic_ostream";
  if (all == "std::iostream") return "basic_iostream";
  return colon == std::string_view::npos ? all : all.substr(colon + 1);
}

inline mangled_parser::node mangled_parser::constructor(node scope) {
  const std::string class_name(last_name(scope));
  const bool destroys = take("D");
  if (!destroys && !take("C")) return fail();
  const bool inherits = !destroys && take("I");
  if (!is_digit(peek())) return fail();
  ++at_;
  if (inherits) type();
  return text_node(nodes_.keep((destroys ? "~" : "") + class_name));
}

inline mangled_parser::node mangled_parser::operator_name(name_state* state) {
  if (take("cv")) {
    node to = type();
    if (state) state->has_no_return_type = true;
    return to ? make(kind::conversion, {}, to) : fail();
  }
  if (take("li")) {
    node suffix = source_name();
    return join("operator\"\" ", suffix);
  }
  for (const mangled_word& candidate : operator_words)
    if (take({candidate.code, 2})) return text_node(candidate.meaning);
  return fail();
}

inline mangled_parser::node mangled_parser::suffixed(node found) {
  std::string words = "";
  while (peek() == '.') {
    const std::size_t start = at_++;
    while (peek() != '\0' && peek() != '.') ++at_;
    while (peek() == '.' && is_digit(peek(1)))
      for (++at_; is_digit(peek());) ++at_;
    words.append(" [clone ").append(text_.substr(start, at_ - start)).append("]");
  }
  return make(kind::qualified, nodes_.keep(std::move(words)), found);
}

}  // namespace taskleak::inline v0::detail

#endif
