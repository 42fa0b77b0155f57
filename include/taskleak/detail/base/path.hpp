// SPDX-License-Identifier: MIT
/// \file Makes the paths of source files that a report shows.
#ifndef TASKLEAK_DETAIL_BASE_PATH_HPP
#define TASKLEAK_DETAIL_BASE_PATH_HPP

#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>

#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Returns the working directory at the first call, so that a test that changes the directory does not change the paths of
/// reports. Empty if the directory could not be read.
inline std::string first_working_directory() {
  // why no std::string: reports are made after static destruction, too, and a block that is never freed is told by memory
  // checkers
  static char path[65536];
  static const bool is_known = ::getcwd(path, sizeof path) != nullptr;
  return is_known ? path : std::string();
}

/// Removes `.`, `..` and empty segments by their text alone, without a look at the file system.
inline std::string normalise_path(std::string_view path) {
  if (path.find("/.") == std::string_view::npos && path.find("//") == std::string_view::npos && !path.starts_with("./"))
    return std::string(path);
  const bool absolute = path.starts_with('/');
  std::string out = absolute ? "/" : "";
  const std::size_t root = out.size();
  std::size_t removable = 0;  // segments in out that a `..` can take away
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (segment.empty() || segment == ".") continue;
    if (segment == "..") {
      if (removable > 0) {
        const std::size_t last = out.rfind('/');
        out.resize(last == std::string::npos || last < root ? root : last);
        --removable;
        continue;
      }
      if (absolute) continue;  // the root is its own parent
    } else {
      ++removable;
    }
    if (out.size() > root) out += '/';
    out += segment;
  }
  return out;
}

/// Returns the path relative to the directory if the path lies below that directory, otherwise the normalised path.
inline std::string shorten_path(std::string_view path, std::string_view directory) {
  std::string normal = normalise_path(path);
  if (directory.size() < 2) return normal;
  if (directory.ends_with('/')) directory.remove_suffix(1);
  if (normal.size() > directory.size() + 1 && normal.starts_with(directory) && normal[directory.size()] == '/')
    normal.erase(0, directory.size() + 1);
  return normal;
}

/// Returns the one path of a file that has several: through symbolic links, or from where the compiler ran. The path of a file
/// that is not there any more is returned as written.
inline std::string canonical_path(std::string_view path, std::string_view compiled_in) {
  std::string whole(path);
  if (path.empty()) return whole;
  if (path.front() != '/' && !compiled_in.empty()) whole = std::string(compiled_in).append(1, '/').append(path);
  if (whole.empty() || whole.front() != '/') return whole;
#if !defined(_WIN32)
  char* const found = ::realpath(whole.c_str(), nullptr);
  if (!found) return whole;
  whole = found;
  std::free(found);
#endif
  return whole;
}

inline std::string shorten_path(std::string_view path) { return shorten_path(path, first_working_directory()); }

}  // namespace taskleak::inline v0::detail

#endif
