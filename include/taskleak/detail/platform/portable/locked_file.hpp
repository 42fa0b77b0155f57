// SPDX-License-Identifier: MIT
/// \file Reads a file and appends to it. Nothing keeps another process from doing the same.
#ifndef TASKLEAK_DETAIL_PLATFORM_PORTABLE_LOCKED_FILE_HPP
#define TASKLEAK_DETAIL_PLATFORM_PORTABLE_LOCKED_FILE_HPP

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

namespace taskleak::inline v0::detail {

/// Opens the file, making it where needed. After a failure error() is its errno.
class locked_file {
 public:
  explicit locked_file(const std::string& path) noexcept : file_(std::fopen(path.c_str(), "a+b")) {
    if (!file_) error_ = errno;
  }
  locked_file(const locked_file&) = delete;
  locked_file& operator=(const locked_file&) = delete;
  ~locked_file() {
    if (file_) std::fclose(file_);
  }

  int error() const noexcept { return error_; }

  /// Whether it is a file with an end, as far as that can be told: neither a pipe nor a terminal.
  bool is_regular() const noexcept { return file_ && std::fseek(file_, 0, SEEK_END) == 0; }

  /// Reads the whole file, or one piece more than so many bytes of it.
  bool read_all(std::string& text, std::size_t most) {
    if (std::fseek(file_, 0, SEEK_SET) != 0) return fail();
    char buffer[4096];
    for (std::size_t got = 0; text.size() <= most && (got = std::fread(buffer, 1, sizeof buffer, file_)) > 0;)
      text.append(buffer, got);
    return std::ferror(file_) ? fail() : true;
  }

  bool append(std::string_view text) noexcept {
    if (std::fseek(file_, 0, SEEK_END) != 0) return fail();
    const bool is_written = std::fwrite(text.data(), 1, text.size(), file_) == text.size();
    return (is_written && std::fflush(file_) == 0) || fail();
  }

 private:
  bool fail() noexcept {
    error_ = errno;
    return false;
  }

  std::FILE* file_;
  int error_ = 0;
};

}  // namespace taskleak::inline v0::detail

#endif
