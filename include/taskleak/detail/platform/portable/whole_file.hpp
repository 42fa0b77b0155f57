// SPDX-License-Identifier: MIT
/// \file Writes a whole file at once, with the C library alone.
#ifndef TASKLEAK_DETAIL_PLATFORM_PORTABLE_WHOLE_FILE_HPP
#define TASKLEAK_DETAIL_PLATFORM_PORTABLE_WHOLE_FILE_HPP

#include <cerrno>
#include <cstdio>
#include <string>
#include <string_view>

namespace taskleak::inline v0::detail {

/// Returns why a file of this path cannot be written, an errno; 0 where nothing stands in the way. Makes the file where there is
/// none: the C library cannot ask.
inline int obstacle_to_file(const std::string& path) {
  std::FILE* const file = std::fopen(path.c_str(), "ab");
  if (!file) return errno;
  std::fclose(file);
  return 0;
}

/// Puts the text in the place of all that the file has, making the file where needed. Returns what went wrong, an errno; 0 when
/// nothing did.
inline int put_into_file(const std::string& path, std::string_view text) noexcept {
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  if (!file) return errno;
  const bool is_put = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const int error = is_put ? 0 : EIO;
  return std::fclose(file) == 0 || error != 0 ? error : EIO;
}

}  // namespace taskleak::inline v0::detail

#endif
