// SPDX-License-Identifier: MIT
/// \file Words that the kernel keeps for the program and gives back one day: what epoll_ctl(2) and timer_create(2) were told.
///
/// A pointer may stand nowhere else. The kernel shows both: Documentation/filesystems/proc.rst, "3.8 /proc/<pid>/fdinfo/<fd>",
/// and proc_pid_timers(5). It shows nothing of requests that an io_uring has in flight.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_KERNEL_WORDS_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_KERNEL_WORDS_HPP

#include <taskleak/detail/base/digits.hpp>
#include <taskleak/detail/platform/linux/numbered_entries.hpp>
#include <taskleak/detail/platform/linux/proc_path.hpp>
#include <taskleak/detail/platform/linux/system.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Reads a text of any length by system calls alone, and calls `take(word)` for each hexadecimal number that follows the key.
template <class Take>
bool for_each_word_behind(const char* path, std::string_view key, Take&& take) noexcept {
  const long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  char text[4096];
  long got = 0;
  std::size_t matched = 0;
  bool is_in_number = false, has_digits = false;
  std::uintptr_t word = 0;
  while ((got = syscall(SYS_read, fd, text, sizeof text)) > 0)
    for (long i = 0; i < got; ++i) {
      const char c = text[i];
      if (is_in_number) {
        const bool is_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (is_digit) word = word << 4 | static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
        has_digits |= is_digit;
        if (is_digit || (c == ' ' && !has_digits)) continue;
        if (has_digits) take(word);
        is_in_number = false;
        matched = 0;
      }
      matched = c == key[matched] ? matched + 1 : c == key[0] ? 1 : 0;
      if (matched < key.size()) continue;
      is_in_number = true;
      has_digits = false;
      word = 0;
      matched = 0;
    }
  if (is_in_number && has_digits) take(word);
  syscall(SYS_close, fd);
  return got == 0;
}

/// Calls `take(word)` for each such word of the examined process. Returns false when the kernel does not tell all of them.
template <class Take>
bool for_each_kernel_word(Take&& take) noexcept {
  const long folder = syscall(SYS_openat, AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return false;
  const bool is_told = for_each_numbered_entry(static_cast<int>(folder), [&](int fd) {
    const digits number(static_cast<unsigned>(fd));
    char name[16]{}, target[64]{}, path[48] = "/proc/self/fdinfo/";
    number.view().copy(name, sizeof name - 1);
    const long length = syscall(SYS_readlinkat, folder, name, target, sizeof target - 1);
    if (length <= 0) return true;
    if (std::strcmp(target, "anon_inode:[io_uring]") == 0) return false;
    if (std::strcmp(target, "anon_inode:[eventpoll]") != 0) return true;
    std::strcat(path, name);
    return for_each_word_behind(path, " data:", take);
  });
  syscall(SYS_close, folder);
  // `signal: 34/00007f2a64000b20`; a kernel without timers of this kind has no such file
  const proc_path timers(current_pid(), 0, "timers");
  const bool has_timers = syscall(SYS_faccessat, AT_FDCWD, timers.c_str(), R_OK) == 0;
  return is_told && (!has_timers || for_each_word_behind(timers.c_str(), "/", take));
}

}  // namespace taskleak::inline v0::detail

#endif
