// SPDX-License-Identifier: MIT
/// \file Holds the parts of a mangled name as a graph: what a substitution stands for is there once, however often it is used.
#ifndef TASKLEAK_DETAIL_SYMBOLS_MANGLED_NODE_HPP
#define TASKLEAK_DETAIL_SYMBOLS_MANGLED_NODE_HPP

#include <taskleak/detail/base/id_map.hpp>
#include <taskleak/detail/base/light_vector.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace taskleak::inline v0::detail {

/// Holds one part of a name. What first, second and children are depends on the kind.
struct mangled_node {
  enum class kind : unsigned char {
    text,        ///< a name or a builtin type
    nested,      ///< first::second
    arguments,   ///< first<children>
    pack,        ///< children: what one template parameter stands for
    expansion,   ///< first, once for each element of the pack in it
    parameter,   ///< number: the index of a template argument of the function around; text where that is not known
    qualified,   ///< first, then text: ` const`
    pointer,     ///< first, then text: `*`, `&`, `&&`
    to_member,   ///< pointer to a member of first, of the type second
    array,       ///< of first; text is its size
    function,    ///< a function type: returns first, takes children; text is what follows the parameters
    encoding,    ///< the function first, which takes children; text as above; second: its template arguments
    prefixed,    ///< text, then first: `vtable for X`
    closure,     ///< a lambda's type, which takes children; text is its number
    conversion,  ///< operator first
  };

  kind is = kind::text;
  std::string_view text;
  std::size_t number = 0;
  const mangled_node* first = nullptr;
  const mangled_node* second = nullptr;
  light_vector<const mangled_node*> children;
};

/// Owns nodes, and the texts that are not in the symbol itself.
class mangled_nodes {
 public:
  mangled_node* make(mangled_node::kind is, std::string_view text = {}, const mangled_node* first = nullptr,
                     const mangled_node* second = nullptr) {
    return &nodes_.add(count_++, mangled_node{is, text, 0, first, second, {}});
  }

  std::string_view keep(std::string text) { return texts_.add(count_++, std::move(text)); }

 private:
  id_map<mangled_node> nodes_;  ///< by numbers that nobody asks for: they stay where they are
  id_map<std::string> texts_;
  std::uint64_t count_ = 0;
};

}  // namespace taskleak::inline v0::detail

#endif
