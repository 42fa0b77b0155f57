// SPDX-License-Identifier: MIT
/// \file Reads a whole file that a user names, and not until memory is full.
#ifndef TASKLEAK_DETAIL_PLATFORM_PORTABLE_BOUNDED_FILE_HPP
#define TASKLEAK_DETAIL_PLATFORM_PORTABLE_BOUNDED_FILE_HPP

#include <taskleak/detail/base/text.hpp>
#include <taskleak/detail/platform/bounded_text.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

namespace taskleak::inline v0::detail {

/// Reads a file; waits for as long as a pipe has a writer.
inline bounded_text read_bounded(const std::string& path, std::size_t most) {
  bounded_text result;
  errno = 0;
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  if (!file) {
    result.error = system_message(errno);
    return result;
  }
  char buffer[16384];
  bool ends_here = false;  // what is no text is not read to its end: a device has none
  for (std::size_t got = 0; !ends_here && (got = std::fread(buffer, 1, sizeof buffer, file)) > 0;) {
    ends_here = std::string_view(buffer, got).find('\0') != std::string_view::npos;
    result.text.append(buffer, got);
    if (!ends_here && result.text.size() > most) {
      result.error = too_large(most);
      break;
    }
  }
  if (std::ferror(file) && result.error.empty()) result.error = system_message(errno);  // as a folder's
  std::fclose(file);
  return result;
}

}  // namespace taskleak::inline v0::detail

#endif
