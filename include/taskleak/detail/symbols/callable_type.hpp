// SPDX-License-Identifier: MIT
/// \file Finds what the user wrote in the type of what a thread of the standard library runs.
#ifndef TASKLEAK_DETAIL_SYMBOLS_CALLABLE_TYPE_HPP
#define TASKLEAK_DETAIL_SYMBOLS_CALLABLE_TYPE_HPP

#include <taskleak/detail/symbols/plumbing.hpp>

#include <cstddef>
#include <string_view>

namespace taskleak::inline v0::detail {

/// Returns the parameter list at the end of a type of a function, or of a pointer to one: `(int)` of `void (Feed::*)(int) const`.
/// Empty for other types.
constexpr std::string_view parameters_of_type(std::string_view type) noexcept {
  for (const std::string_view word : {" noexcept", " &&", " &", " const"})
    if (type.ends_with(word)) type.remove_suffix(word.size());
  if (!type.ends_with(')')) return {};
  int depth = 0;
  for (std::size_t at = type.size(); at-- > 0;) {
    const char c = type[at];
    if (c == ')' || c == '}' || c == ']' || (c == '>' && at > 0 && type[at - 1] != '-')) ++depth;
    if ((c == '(' || c == '{' || c == '[' || c == '<') && --depth == 0) return at > 0 ? type.substr(at) : std::string_view();
  }
  return {};
}

/// Whether the type is one of the language itself, which no template names.
constexpr bool is_built_in_type(std::string_view type) noexcept {
  constexpr std::string_view words =
      " __int128 bool char char16_t char32_t char8_t decltype(nullptr) double float int long short signed unsigned void wchar_t ";
  return type.empty() || is_listed(words, type.substr(0, type.find(' ')));
}

/// Returns the class of `void (Feed::*)(int)`; empty for other types.
constexpr std::string_view class_of_member_pointer(std::string_view type) noexcept {
  const std::string_view parameters = parameters_of_type(type);
  if (parameters.empty()) return {};
  const std::string_view before = type.substr(0, static_cast<std::size_t>(parameters.data() - type.data()));
  const std::size_t begin = before.find(" (");
  if (begin == std::string_view::npos || !before.ends_with("::*)")) return {};
  return before.substr(begin + 2, before.size() - begin - 2 - std::string_view("::*)").size());
}

/// Returns the user's class or lambda whose call operator is run by a callable of this type, which may be one of the language's
/// around it: `Feed::start()::{lambda()#1}` of `std::reference_wrapper<Feed::start()::{lambda()#1}>`. Empty where the type does
/// not tell, as that of a pointer to a function does not.
constexpr std::string_view users_callable_in(std::string_view type, int depth = 0) noexcept {
  constexpr int deepest = 16;
  while (type.starts_with(' ')) type.remove_prefix(1);
  if (depth == deepest) return {};
  if (const std::string_view owner = class_of_member_pointer(type); !owner.empty())
    // its own function is not told, but std::async's state is told by what it runs
    return owner.starts_with("std::") ? users_callable_in(owner, depth + 1) : std::string_view();
  if (!parameters_of_type(type).empty() || type.ends_with('*') || type.ends_with('&')) return {};
  const bool is_wrapper = type.starts_with("std::") || type.starts_with("taskleak::");
  if (!is_wrapper) return is_built_in_type(type) ? std::string_view() : type;
  std::size_t at = type.find('<');
  if (at == std::string_view::npos) return {};
  const bool only_first = type.starts_with("std::tuple<");  // arguments of the callable follow it
  while (at < type.size() && (type[at] == '<' || type[at] == ',')) {
    const std::string_view argument = first_in_list(type.substr(at + 1));
    std::string_view callable = argument;
    if (type.starts_with("std::_Bind<")) {  // std::_Bind<Feed::start()::{lambda(int)#1}(int)>
      const std::string_view bound = parameters_of_type(callable);
      callable.remove_suffix(bound.size());
      while (callable.ends_with(' ')) callable.remove_suffix(1);
    }
    if (const std::string_view found = users_callable_in(callable, depth + 1); !found.empty() || only_first) return found;
    at += 1 + argument.size();
  }
  return {};
}

}  // namespace taskleak::inline v0::detail

#endif
