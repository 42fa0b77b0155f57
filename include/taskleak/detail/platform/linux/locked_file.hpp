// SPDX-License-Identifier: MIT
/// \file Opens a file that one process at a time reads and appends to.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_LOCKED_FILE_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_LOCKED_FILE_HPP

#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Opens a file, creates it if there is none, and holds the file's lock for life. After a failure error() is the errno.
class locked_file {
 public:
  explicit locked_file(const std::string& path) noexcept : descriptor_(::open(path.c_str(), flags, 0666)) {
    if (descriptor_ < 0) {
      error_ = errno;
      return;
    }
    while (::flock(descriptor_, LOCK_EX) != 0) {
      if (errno == EINTR) continue;
      error_ = errno;
      return;
    }
  }
  locked_file(const locked_file&) = delete;
  locked_file& operator=(const locked_file&) = delete;
  ~locked_file() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  int error() const noexcept { return error_; }

  /// Whether the file has an end, and is neither a device nor a pipe.
  bool is_regular() const noexcept {
    struct stat what {};
    return ::fstat(descriptor_, &what) == 0 && S_ISREG(what.st_mode);
  }

  /// Reads the whole file; stops one piece after `most` bytes if the file is longer.
  bool read_all(std::string& text, std::size_t most) {
    char buffer[4096];
    while (text.size() <= most) {
      const ssize_t got = ::read(descriptor_, buffer, sizeof buffer);
      if (got == 0) return true;
      if (got > 0)
        text.append(buffer, static_cast<std::size_t>(got));
      else if (errno != EINTR)
        return fail();
    }
    return true;
  }

  /// Appends all of the text or nothing: a full disk must not leave half a line.
  bool append(std::string_view text) noexcept {
    const off_t size_before = ::lseek(descriptor_, 0, SEEK_END);
    if (size_before < 0) return fail();
    const std::size_t size = text.size();
    while (!text.empty()) {
      const ssize_t put = ::write(descriptor_, text.data(), text.size());
      if (put >= 0) {
        text.remove_prefix(static_cast<std::size_t>(put));
      } else if (errno != EINTR) {
        fail();
        if (text.size() != size && ::ftruncate(descriptor_, size_before) != 0) error_ = errno;
        return false;
      }
    }
    return true;
  }

 private:
  static constexpr int flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC;

  bool fail() noexcept {
    error_ = errno;
    return false;
  }

  int descriptor_;
  int error_ = 0;
};

}  // namespace taskleak::inline v0::detail

#endif
