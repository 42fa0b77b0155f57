// SPDX-License-Identifier: MIT
/// \file Declares the productions of mangled names, and holds what is known while one is read.
///
/// The grammar is that of https://itanium-cxx-abi.github.io/cxx-abi/abi.html#mangling.
#ifndef TASKLEAK_DETAIL_SYMBOLS_MANGLED_GRAMMAR_HPP
#define TASKLEAK_DETAIL_SYMBOLS_MANGLED_GRAMMAR_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/symbols/mangled_node.hpp>
#include <taskleak/detail/symbols/mangled_reader.hpp>

#include <cstddef>
#include <string_view>

namespace taskleak::inline v0::detail {

/// A function here has the name of the production that it reads; mangled_names.hpp, mangled_types.hpp, mangled_arguments.hpp and
/// mangled_expression.hpp define them.
class mangled_parser : mangled_reader {
 public:
  /// `counts_variables` says whether the compiler numbers, among what later parts of the name refer to, a variable or member that
  /// a lambda initialises: `lam` in `_ZNK3lamMUlR4gateE_clES0_`.
  explicit mangled_parser(std::string_view symbol, bool counts_variables = true) noexcept
      : mangled_reader(symbol), counts_variables_(counts_variables) {}

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

  node fail() noexcept {
    give_up();
    return nullptr;
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
  bool at_end_of_encoding() const noexcept { return peek() == '\0' || peek() == 'E' || peek() == '.'; }
  node encoding();
  node function_or_data();
  node special_name();
  void call_offset();
  node name(name_state* state);
  node nested_name(name_state* state);
  node local_name(name_state* state);
  void discriminator();
  node module_name();
  node unqualified_name(name_state* state, node scope);
  node source_name();
  node unnamed_type();
  static std::string_view last_name(node scope) noexcept;
  node constructor(node scope);
  node operator_name(name_state* state);
  node suffixed(node found);

  // ---- template parameters and arguments
  node with_arguments(node of, name_state* state);
  void template_parameter_declaration();
  node substitution();
  node template_parameter();
  void template_arguments(light_vector<node>& into);
  node template_argument();
  node literal();

  // ---- types
  node builtin_type();
  node type();
  node pointer(std::string_view sign);
  std::string_view bound();
  node array_type();
  node function_type();
  node d_type(bool& is_builtin);
  node decltype_type();

  // ---- expressions, for the types and substitutions in them
  void expression();
  template <class Read>
  void until_end(Read&& read);
  void operands(int count);
  void fold(int count);
  void function_parameter();
  void unresolved_name();
  void skip_template_arguments();
  void unresolved();
  void base_name();
  void requires_expression();

  mangled_nodes nodes_;
  light_vector<node> substitutions_;
  node prefix_ = nullptr;
  std::string_view cut_;  ///< what stands for the rest
  int depth_ = 0;
  int outermost_ = 2;  ///< depth of the name of the function itself: encoding(), name()
  bool in_lambda_ = false;
  bool counts_variables_;
};

}  // namespace taskleak::inline v0::detail

#endif
