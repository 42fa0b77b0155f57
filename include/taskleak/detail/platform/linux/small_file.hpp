// SPDX-License-Identifier: MIT
/// \file Reads a small file by system calls alone, in any state of the process.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_SMALL_FILE_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_SMALL_FILE_HPP

#include <cstddef>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Returns how many bytes of the file's beginning it has read, -1 with errno where there is none. The text ends with a NUL.
inline long read_small_file(const char* path, char* text, std::size_t room) noexcept {
  const long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  const long got = syscall(SYS_read, fd, text, room - 1);
  syscall(SYS_close, fd);
  text[got > 0 ? got : 0] = '\0';
  return got;
}

}  // namespace taskleak::inline v0::detail

#endif
