// SPDX-License-Identifier: MIT
/// \file The kinds of conditions that rules are made of. Light: for options.hpp. What each one means is a row of rule_words.hpp.
#ifndef TASKLEAK_DETAIL_FILTER_RULE_KIND_HPP
#define TASKLEAK_DETAIL_FILTER_RULE_KIND_HPP

namespace taskleak::inline v0::detail {

enum class rule_kind : unsigned char {
  current,
  any_function,
  created_by,
  name,
  scope,
  state,
  top_function,
  task,
  unannounced,
  built_in,
};

}  // namespace taskleak::inline v0::detail

#endif
