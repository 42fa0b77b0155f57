// SPDX-License-Identifier: MIT
/// \file Reads mangled names, also those that the demangler of libstdc++ 12 does not know: constraints, explicit object members,
/// `_BitInt`, parts of modules, lambdas in constructor templates.
///
/// The grammar is that of https://itanium-cxx-abi.github.io/cxx-abi/abi.html#mangling; a function here has the name of its
/// production. What is no type and no name, an expression or a constraint, is read for the substitutions in it, and not kept.
#ifndef TASKLEAK_DETAIL_SYMBOLS_MANGLED_PARSER_HPP
#define TASKLEAK_DETAIL_SYMBOLS_MANGLED_PARSER_HPP

#include <taskleak/detail/symbols/mangled_expression.hpp>
#include <taskleak/detail/symbols/mangled_node.hpp>
#include <taskleak/detail/symbols/mangled_words.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

class mangled_parser : mangled_expression<mangled_parser> {
 public:
  explicit mangled_parser(std::string_view symbol) noexcept : text_(symbol) {}

  /// Returns the whole name, or null where it cannot be read. The parser owns it.
  const mangled_node* parse() {
    if (!take("_Z")) return nullptr;
    const mangled_node* found = encoding();
    if (failed_ || !found || at_ > text_.size()) return nullptr;
    if (at_ == text_.size()) return found;
    if (peek() != '.') return nullptr;
    return suffixed(found);
  }

  /// Returns what was read of the outermost name before something that could not be: `app::box<int>::...`. May be null.
  const mangled_node* readable_prefix() { return prefix_ ? make(kind::qualified, cut_, prefix_) : nullptr; }

 private:
  friend class mangled_expression<mangled_parser>;
  using kind = mangled_node::kind;
  using node = const mangled_node*;

  struct name_state {
    bool ends_with_arguments = false;
    const mangled_node* arguments = nullptr;
    bool has_no_return_type = false;  ///< constructors, destructors, conversions
    std::string_view qualifiers;
  };

  class deeper {
   public:
    explicit deeper(mangled_parser& of) noexcept : of_(of) {
      if (++of_.depth_ > 256) of_.fail();
    }
    ~deeper() { --of_.depth_; }

   private:
    mangled_parser& of_;
  };

  // ---- characters
  char peek(std::size_t ahead = 0) const noexcept { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool take(std::string_view word) noexcept {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  node fail() noexcept {
    failed_ = true;
    at_ = text_.size();
    return nullptr;
  }
  static bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
  static bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }

  /// Reads `n?[0-9]*` and returns it as it stands.
  std::string_view number() noexcept {
    const std::size_t start = at_;
    take("n");
    while (is_digit(peek())) ++at_;
    return text_.substr(start, at_ - start);
  }

  std::size_t length() noexcept {
    std::size_t value = 0;
    while (is_digit(peek()) && value <= text_.size()) value = value * 10 + static_cast<std::size_t>(text_[at_++] - '0');
    return value;
  }

  /// Reads `_` as 0, `0_` as 1 and so on, with digits of the base.
  std::size_t sequence(std::size_t base) noexcept {
    if (take("_")) return 0;
    std::size_t value = 0;
    for (; peek() != '_' && value < (std::size_t{1} << 32); ++at_) {
      const char c = peek();
      if (is_digit(c))
        value = value * base + static_cast<std::size_t>(c - '0');
      else if (base == 36 && c >= 'A' && c <= 'Z')
        value = value * base + static_cast<std::size_t>(c - 'A' + 10);
      else
        fail();
      if (failed_) return 0;
    }
    if (!take("_")) fail();
    return value + 1;
  }

  node make(kind is, std::string_view text = {}, node first = nullptr, node second = nullptr) {
    return nodes_.make(is, text, first, second);
  }
  node text_node(std::string_view text) { return make(kind::text, text); }
  node join(std::string_view text, node first) { return first ? make(kind::prefixed, text, first) : fail(); }
  node remember(node found) {
    if (found) substitutions_.push_back(found);
    return found;
  }

  void reached(node prefix, std::string_view rest) noexcept {
    prefix_ = prefix;
    cut_ = rest;
  }

  // ---- names
  node encoding() {
    const deeper guard(*this);
    if (failed_) return nullptr;
    node found = peek() == 'T' || (peek() == 'G' && peek(1) != '\0') ? special_name() : function_or_data();
    return failed_ ? nullptr : found;
  }

  bool at_end_of_encoding() const noexcept { return peek() == '\0' || peek() == 'E' || peek() == '.'; }

  node function_or_data() {
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

  node special_name() {
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

  void call_offset() {
    const bool is_virtual = take("v");
    if (!is_virtual && !take("h")) fail();
    number();
    if (!take("_")) fail();
    if (is_virtual) {
      number();
      if (!take("_")) fail();
    }
  }

  node name(name_state* state) {
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

  node with_arguments(node of, name_state* state) {
    mangled_node* const made = nodes_.make(kind::arguments, {}, of);
    template_arguments(made->children);
    if (state) {
      state->ends_with_arguments = true;
      state->arguments = made;
    }
    return failed_ ? nullptr : made;
  }

  node nested_name(name_state* state) {
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
      if (!(found && found->is == kind::text && found->text == "std") && peek() != 'E') remember(found);
    }
    if (state) state->qualifiers = nodes_.keep(std::move(qualifiers));
    return found;
  }

  node local_name(name_state* state) {
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

  void discriminator() {
    if (peek() != '_') return;
    if (is_digit(peek(1))) {
      at_ += 2;
    } else if (peek(1) == '_') {
      at_ += 2;
      number();
      take("_");
    }
  }

  node module_name() {
    node found = nullptr;
    while (take("W")) {
      take("P");
      found = remember(source_name());
    }
    return found;
  }

  node unqualified_name(name_state* state, node scope) {
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

  node source_name() {
    const std::size_t size = length();
    if (size == 0 || size > text_.size() - at_) return fail();
    const std::string_view found = text_.substr(at_, size);
    at_ += size;
    const bool is_anonymous = found.starts_with("_GLOBAL_") && found.size() > 10 && found[9] == 'N';
    return text_node(is_anonymous ? "(anonymous namespace)" : found);
  }

  node unnamed_type() {
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

  void template_parameter_declaration() {
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

  /// The last name of a scope, which its constructors have as well.
  static std::string_view last_name(node scope) noexcept {
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

  node constructor(node scope) {
    const std::string class_name(last_name(scope));
    const bool destroys = take("D");
    if (!destroys && !take("C")) return fail();
    const bool inherits = !destroys && take("I");
    if (!is_digit(peek())) return fail();
    ++at_;
    if (inherits) type();
    return text_node(nodes_.keep((destroys ? "~" : "") + class_name));
  }

  node operator_name(name_state* state) {
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

  node substitution() {
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

  node template_parameter() {
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

  void template_arguments(std::vector<node>& into) {
    if (!take("I")) fail();
    while (!failed_ && peek() != 'E' && peek() != 'Q') into.push_back(template_argument());
    if (take("Q")) expression();
    if (!take("E")) fail();
  }

  node template_argument() {
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

  node literal() {
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

  // ---- types
  node builtin_type() {
    const char c = peek();
    if (!is_lower(c) || builtin_words[c - 'a'].empty()) return nullptr;
    ++at_;
    return text_node(builtin_words[c - 'a']);
  }

  node type() {
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

  node pointer(std::string_view sign) {
    ++at_;
    node to = type();
    return to ? make(kind::pointer, sign, to) : fail();
  }

  /// Reads `_`, a number and `_`, or an expression and `_`.
  std::string_view bound() {
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

  node array_type() {
    take("A");
    const std::string_view size = bound();
    node of = type();
    return of ? make(kind::array, size, of) : fail();
  }

  node function_type() {
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

  node d_type(bool& is_builtin) {
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

  node decltype_type() {
    at_ += 2;
    expression();
    return take("E") ? text_node("decltype(...)") : fail();
  }

  node suffixed(node found) {
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

  mangled_nodes nodes_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<node> substitutions_;
  node prefix_ = nullptr;
  std::string_view cut_;  ///< what stands for the rest
  int depth_ = 0;
  int outermost_ = 2;  ///< depth of the name of the function itself: encoding(), name()
  bool in_lambda_ = false;
  bool failed_ = false;
};

}  // namespace taskleak::inline v0::detail

#endif
