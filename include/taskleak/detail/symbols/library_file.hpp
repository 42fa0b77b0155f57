// SPDX-License-Identifier: MIT
/// \file Source files that belong to a library and not to the user.
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
constexpr bool is_own_file(std::string_view file) noexcept { return file.find("/taskleak/detail/") != std::string_view::npos; }

/// Whether the source file came with the system or with taskleak.
constexpr bool is_header_of_a_library(std::string_view file) noexcept {
  return is_standard_library_file(file) || is_own_file(file) || file.starts_with("/usr/include/") ||
         file.starts_with("/usr/lib/") || file.starts_with("/usr/local/include/");
}

}  // namespace taskleak::inline v0::detail

#endif
