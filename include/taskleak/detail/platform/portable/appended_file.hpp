// SPDX-License-Identifier: MIT
/// \file Appends to a file.
#ifndef TASKLEAK_DETAIL_PLATFORM_PORTABLE_APPENDED_FILE_HPP
#define TASKLEAK_DETAIL_PLATFORM_PORTABLE_APPENDED_FILE_HPP

#include <cerrno>
#include <cstdio>
#include <string>

namespace taskleak::inline v0::detail {

/// Appends the whole text, making the file where needed. Returns what went wrong, an errno; 0 when nothing did.
inline int append_to_file(const char* path, const std::string& text) {
  errno = 0;
  std::FILE* const file = std::fopen(path, "ab");
  if (!file) return errno;
  const bool is_written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const int error = is_written ? 0 : errno;
  return std::fclose(file) == 0 ? error : errno;
}

}  // namespace taskleak::inline v0::detail

#endif
