// SPDX-License-Identifier: MIT
/// \file Writes the parts of a mangled name as the demangler of libstdc++ does, but for return types and ABI tags, which no
/// report shows.
#ifndef TASKLEAK_DETAIL_SYMBOLS_MANGLED_PRINTER_HPP
#define TASKLEAK_DETAIL_SYMBOLS_MANGLED_PRINTER_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/symbols/mangled_node.hpp>

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace taskleak::inline v0::detail {

/// A substitution that refers to another, twice, doubles the text: 30 of them in a symbol of 150 bytes make a gigabyte. So all
/// work ends as soon as the text is longer than wanted.
class mangled_printer {
 public:
  /// Says how long a text may be; template arguments and parameters that are nested deeper than the depth are written `...`.
  struct limits {
    std::size_t characters = 16 * 1024;
    int depth = std::numeric_limits<int>::max();
  };

  explicit mangled_printer(limits wanted) noexcept : limits_(wanted) {}

  /// Returns the text; empty where it would be longer than the limit.
  std::string print(const mangled_node& node) {
    whole(&node);
    return too_long_ ? std::string() : static_cast<std::string&&>(out_);
  }

 private:
  using kind = mangled_node::kind;
  static constexpr std::size_t no_element = static_cast<std::size_t>(-1);

  void put(std::string_view text) {
    constexpr std::size_t longest_word = 200;
    if (text.size() > longest_word && limits_.depth == 0) {
      out_.append(text.substr(0, longest_word)).append("...");
      return;
    }
    out_ += text;
    if (out_.size() > limits_.characters) too_long_ = true;
  }

  /// Holds the template arguments of the functions around what is written, innermost first.
  struct context {
    const mangled_node* arguments;
    const context* outer;
  };

  /// Names a node, and where the parameters in the node are looked up.
  struct place {
    const mangled_node* node;
    const context* in;
  };

  /// Follows what stands for another node. A template argument is written in the context around its function.
  place meant(const mangled_node* node, const context* in) const noexcept {
    for (int steps = 0; node && steps < 64; ++steps) {
      if (node->is == kind::parameter && !in_closure_ && in && in->arguments && node->number < in->arguments->children.size()) {
        node = in->arguments->children[node->number];
        in = in->outer;
      } else if (node->is == kind::pack && element_ < node->children.size()) {
        node = node->children[element_];
      } else {
        break;
      }
    }
    return {node, in};
  }

  void whole(const mangled_node* node) {
    left(node);
    right(node);
  }

  void list(const light_vector<const mangled_node*>& items) {
    if (!items.empty() && level_ >= limits_.depth) return put("...");
    ++level_;
    bool first = true;
    for (const mangled_node* item : items) {
      if (too_long_) break;
      const std::size_t before = out_.size();
      if (!first) put(", ");
      const std::size_t start = out_.size();
      whole(item);
      if (out_.size() == start)
        out_.resize(before);  // an empty pack
      else
        first = false;
    }
    --level_;
  }

  /// Whether a sign in front of the type stands in brackets: `int (&) [3]`, `void (*)(int)`; also where it is const.
  bool takes_brackets(const mangled_node* node) const noexcept { return is_array(node) || is_function(node); }
  bool is_array(const mangled_node* node) const noexcept { return has_kind(node, kind::array); }
  bool is_function(const mangled_node* node) const noexcept { return has_kind(node, kind::function); }
  bool has_kind(const mangled_node* node, kind wanted) const noexcept {
    place at = meant(node, context_);
    while (at.node && at.node->is == kind::qualified) at = meant(at.node->first, at.in);
    return at.node && at.node->is == wanted;
  }

  /// Writes what stands before a declared name, where there is one.
  void left(const mangled_node* node) { in_its_context(node, &mangled_printer::left_of); }

  void left_of(const mangled_node* node) {
    switch (node->is) {
      case kind::text: put(node->text); break;
      case kind::nested:
        whole(node->first);
        put("::");
        whole(node->second);
        break;
      case kind::arguments:
        whole(node->first);
        if (out_.ends_with('<')) put(" ");  // operator<
        put("<");
        list(node->children);
        if (out_.ends_with('>')) put(" ");
        put(">");
        break;
      case kind::pack: list(node->children); break;
      case kind::expansion: expand(node->first); break;
      case kind::parameter: put(node->text); break;
      case kind::qualified:
        left(node->first);
        put(node->text);
        break;
      case kind::pointer: {
        std::string_view sign = node->text;
        const context* const outer = context_;
        const mangled_node* const to = behind_references(node, sign);
        left(to);
        if (takes_brackets(to)) put(is_array(to) ? " (" : "(");
        put(sign);
        context_ = outer;
        break;
      }
      case kind::to_member:
        left(node->second);
        put(takes_brackets(node->second) ? "(" : " ");
        whole(node->first);
        put("::*");
        break;
      case kind::array: left(node->first); break;
      case kind::function:
        whole(node->first);
        put(" ");
        break;
      case kind::encoding: {
        const context own{node->second, context_};
        context_ = &own;
        whole(node->first);
        parameters(*node);
        context_ = own.outer;
        break;
      }
      case kind::prefixed:
        put(node->text);
        whole(node->first);
        break;
      case kind::closure: {
        const bool outer = in_closure_;
        in_closure_ = true;
        put("{lambda");
        parameters(*node);
        in_closure_ = outer;
        break;
      }
      case kind::conversion:
        put("operator ");
        whole(node->first);
        break;
    }
  }

  /// Returns what a pointer or reference points to, and in which context. References to references collapse, and the sign with
  /// them.
  const mangled_node* behind_references(const mangled_node* node, std::string_view& sign) {
    const mangled_node* to = node->first;
    for (;;) {
      const auto [what, in] = meant(to, context_);
      if (!what || what->is != kind::pointer || what->text[0] != '&' || sign[0] != '&') return to;
      if (what->text == "&") sign = "&";
      context_ = in;
      to = what->first;
    }
  }

  /// Writes what stands behind a declared name.
  void right(const mangled_node* node) { in_its_context(node, &mangled_printer::right_of); }

  /// Prints a part of what the node stands for, with the template arguments that are meant there.
  void in_its_context(const mangled_node* node, void (mangled_printer::*part)(const mangled_node*)) {
    if (too_long_) return;
    const auto [what, in] = meant(node, context_);
    if (!what) return;
    if (++nesting_ > deepest) too_long_ = true;
    const context* const outer = std::exchange(context_, in);
    (this->*part)(what);
    context_ = outer;
    --nesting_;
  }

  void right_of(const mangled_node* node) {
    switch (node->is) {
      case kind::qualified: right(node->first); break;
      case kind::pointer: {
        std::string_view sign = node->text;
        const context* const outer = context_;
        const mangled_node* const to = behind_references(node, sign);
        if (takes_brackets(to)) put(")");
        right(to);
        context_ = outer;
        break;
      }
      case kind::to_member:
        if (takes_brackets(node->second)) put(")");
        right(node->second);
        break;
      case kind::array:
        put(" [");
        put(node->text);
        put("]");
        right(node->first);
        break;
      case kind::function: parameters(*node); break;
      default: break;
    }
  }

  void parameters(const mangled_node& node) {
    put("(");
    list(node.children);
    put(")");
    put(node.text);
  }

  /// Finds a pack that the pattern of an expansion names. Substitutions of substitutions make patterns of any depth.
  const mangled_node* pack_in(const mangled_node* node, const context* in, std::size_t& visits, int depth = 0) const {
    const place at = meant(node, in);
    if (!at.node || depth > deepest || ++visits > most_visits) return nullptr;
    if (at.node->is == kind::pack) return at.node;
    for (const mangled_node* part : {at.node->first, at.node->second})
      if (const mangled_node* const found = pack_in(part, at.in, visits, depth + 1)) return found;
    for (const mangled_node* part : at.node->children)
      if (const mangled_node* const found = pack_in(part, at.in, visits, depth + 1)) return found;
    return nullptr;
  }

  void expand(const mangled_node* pattern) {
    std::size_t visits = 0;
    const mangled_node* const pack = pack_in(pattern, context_, visits);
    if (!pack) {
      whole(pattern);
      put("...");
      return;
    }
    const std::size_t outer = element_;
    for (std::size_t i = 0; i < pack->children.size() && !too_long_; ++i) {
      if (i > 0) put(", ");
      element_ = i;
      whole(pattern);
    }
    element_ = outer;
  }

  static constexpr int deepest = 512;
  static constexpr std::size_t most_visits = 4096;

  limits limits_;
  std::string out_;
  const context* context_ = nullptr;
  std::size_t element_ = no_element;  ///< of the packs in the pattern that is being expanded
  int level_ = 0;                     ///< of lists of arguments and parameters
  int nesting_ = 0;
  bool in_closure_ = false;  ///< whose parameters of type auto are the template's parameters, elsewhere its arguments
  bool too_long_ = false;
};

}  // namespace taskleak::inline v0::detail

#endif
