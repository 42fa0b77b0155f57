// SPDX-License-Identifier: MIT
/// \file Names the kinds of conditions that rules are made of. Light, for options.hpp; rule_words.hpp says what each kind means.
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
