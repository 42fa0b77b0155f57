// SPDX-License-Identifier: MIT
/// \file Returns the name of the program, where the C library tells it.
#ifndef TASKLEAK_DETAIL_PLATFORM_PORTABLE_PROGRAM_NAME_HPP
#define TASKLEAK_DETAIL_PLATFORM_PORTABLE_PROGRAM_NAME_HPP

#include <cstdlib>
#include <string>
#include <string_view>

#if __has_include(<features.h>)
#include <cerrno>  // why: GNU's name of it is here
#endif

namespace taskleak::inline v0::detail {

/// Returns the file name of the running executable, "program" where nothing tells it.
inline std::string program_name() {
  std::string_view path;
#if defined(_WIN32)
  if (_pgmptr) path = _pgmptr;
#elif defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__)
  if (const char* const name = ::getprogname()) path = name;
#elif defined(__linux__) && defined(_GNU_SOURCE)
  path = program_invocation_name;
#endif
  path.remove_prefix(path.find_last_of("/\\") + 1);  // nothing where there is none: npos + 1 is 0
  return path.empty() ? std::string("program") : std::string(path);
}

}  // namespace taskleak::inline v0::detail

#endif
