// SPDX-License-Identifier: MIT
/// \file Tells what belongs to the language's libraries and not to the user: source files, and functions by their names.
#ifndef TASKLEAK_DETAIL_SYMBOLS_LIBRARY_FILE_HPP
#define TASKLEAK_DETAIL_SYMBOLS_LIBRARY_FILE_HPP

#include <string_view>

namespace taskleak::inline v0::detail {

/// Whether the source file is one of the standard library's own.
constexpr bool is_standard_library_file(std::string_view file) noexcept {
  // Debian has a part of libstdc++ in /usr/include/x86_64-linux-gnu/c++/12
  constexpr std::string_view parts[] = {"/include/c++/", "-linux-gnu/c++/", "/libstdc++-v3/", "/libcxx/"};
  for (const std::string_view part : parts)
    if (file.find(part) != std::string_view::npos) return true;
  return false;
}

/// Whether the source file is one of taskleak's own.
constexpr bool is_own_file(std::string_view file) noexcept {
  return file.find("/taskleak/detail/") != std::string_view::npos || file.ends_with("/taskleak/thread.hpp") ||
         file.ends_with("/taskleak_all.hpp");
}

/// Whether the function is one of the language's libraries or of a sanitizer, by its name without the return type.
constexpr bool is_language_function(std::string_view function) noexcept {
  constexpr std::string_view prefixes[] = {
      "std::",    "__gnu_cxx::", "__gthread_", "__gthrw_",         "__cxxabiv1::",   "__sanitizer::",  "__tsan::",
      "__asan::", "__lsan::",    "__ubsan::",  "__interception::", "__interceptor_", "___interceptor_"};
  for (const std::string_view prefix : prefixes)
    if (!function.empty() && function[0] == prefix[0] && function.starts_with(prefix)) return true;
  return false;
}

/// Whether the name has no scope and no parameters: debug information has no more of a lambda or of a function with internal
/// linkage.
constexpr bool is_last_part_of_a_name(std::string_view name) noexcept {
  if (name.starts_with("operator()")) name.remove_prefix(std::string_view("operator()").size());
  name = name.substr(0, name.find('<'));  // what follows are template arguments
  return name.find("::") == std::string_view::npos && name.find('(') == std::string_view::npos;
}

/// Whether a function with a line in a file of the library's may be the library's own. One of the user's has such a line where a
/// function of the library was inlined into it.
constexpr bool may_be_language_function(std::string_view name) noexcept {
  // a capital or a second underscore behind the first is for the implementation alone
  const bool is_reserved = name.size() > 1 && name[0] == '_' && (name[1] == '_' || (name[1] >= 'A' && name[1] <= 'Z'));
  return is_language_function(name) || is_last_part_of_a_name(name) || is_reserved;
}

/// Whether a function with a line in a file of taskleak's may be taskleak's own.
constexpr bool may_be_own_function(std::string_view name) noexcept {
  return name.starts_with("taskleak::") || is_language_function(name) || is_last_part_of_a_name(name);
}

}  // namespace taskleak::inline v0::detail

#endif
