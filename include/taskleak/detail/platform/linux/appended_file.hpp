// SPDX-License-Identifier: MIT
/// \file Appends to a file that others may append to at the same time.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_APPENDED_FILE_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_APPENDED_FILE_HPP

#include <cerrno>
#include <cstddef>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Appends the whole text, making the file where needed. Returns what went wrong, an errno; 0 when nothing did.
///
/// Many programs may append at the same time: one write(2) to a file opened with O_APPEND is not torn apart by another.
inline int append_to_file(const char* path, const std::string& text) {
  // why O_NONBLOCK: a named pipe without a reader must not hold up the end of the run
  const int file = ::open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
  if (file < 0) return errno;
  ssize_t put = 0;
  do put = ::write(file, text.data(), text.size());
  while (put < 0 && errno == EINTR);
  const int error = put < 0 ? errno : static_cast<std::size_t>(put) < text.size() ? ENOSPC : 0;
  ::close(file);
  return error;
}

}  // namespace taskleak::inline v0::detail

#endif
