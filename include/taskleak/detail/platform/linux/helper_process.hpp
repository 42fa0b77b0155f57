// SPDX-License-Identifier: MIT
/// \file Children of this process that work for taskleak: nobody's wait(2) sees them, and they end with their parent.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_HELPER_PROCESS_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_HELPER_PROCESS_HPP

#include <taskleak/detail/platform/linux/system.hpp>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Reads a small file by system calls alone; returns how many bytes it got, -1 with errno if none. The text ends with a NUL.
inline long read_small_file(const char* path, char* text, std::size_t room) noexcept {
  const long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  const long got = syscall(SYS_read, fd, text, room - 1);
  syscall(SYS_close, fd);
  text[got > 0 ? got : 0] = '\0';
  return got;
}

/// Whether a debugger, or strace(1), is attached. A debugger takes a child by raw clone(2) for a thread and stops in it.
inline bool is_traced() noexcept {
  char status[1024];
  if (read_small_file("/proc/self/status", status, sizeof status) <= 0) return false;
  const char* const at = std::strstr(status, "\nTracerPid:");  // proc_pid_status(5)
  return at && std::atoi(at + 11) != 0;
}

/// Lets the calling child end when the thread that has made it ends: see PR_SET_PDEATHSIG in prctl(2).
inline void end_with_parent(int parent) noexcept {
  syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (syscall(SYS_getppid) != parent) syscall(SYS_exit_group, 0);  // the parent has ended before
}

}  // namespace taskleak::inline v0::detail

#endif
