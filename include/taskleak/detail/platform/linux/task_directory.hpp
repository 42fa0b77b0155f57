// SPDX-License-Identifier: MIT
/// \file The kernel's list of the threads of this process.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_TASK_DIRECTORY_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_TASK_DIRECTORY_HPP

#include <taskleak/detail/platform/linux/system.hpp>
#include <taskleak/detail/registry/light_atomic.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// /proc/self/task, kept open: its link count is the number of threads plus two, without a look at any of them.
/// May be used by several threads.
class task_directory {
 public:
  constexpr task_directory() noexcept = default;

  /// The number of threads; -1 where /proc is not mounted, or is another pid namespace's.
  int count() noexcept {
    struct stat s {};
    const int fd = fd_.load_acquire();
    // a program may close descriptors it does not know and reuse the number: the inode tells
    const bool ours = fd >= 0 && fstat(fd, &s) == 0 && s.st_ino == inode_.load_relaxed() && s.st_dev == device_.load_relaxed();
    if (!ours && !reopen(s)) return -1;
    return static_cast<int>(s.st_nlink) - 2;
  }

  /// Their kernel ids; false where count() is -1.
  static bool list(std::vector<int>& tids) {
    tids.clear();
    const int fd = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return false;
    alignas(dirent64) char buffer[16384];
    long got = 0;
    while ((got = syscall(SYS_getdents64, fd, buffer, sizeof buffer)) > 0)
      for (long at = 0; at < got;) {
        const auto* entry = reinterpret_cast<const dirent64*>(buffer + at);
        if (entry->d_name[0] != '.') tids.push_back(std::atoi(entry->d_name));
        at += entry->d_reclen;
      }
    close(fd);
    return got == 0;
  }

 private:
  bool reopen(struct stat& s) noexcept {
    const int low = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (low < 0) return false;
    // out of the way of programs that count on the lowest free number
    int fd = fcntl(low, F_DUPFD_CLOEXEC, 512);
    if (fd < 0)
      fd = low;
    else
      close(low);
    if (fstat(fd, &s) != 0) return false;
    inode_.store_relaxed(s.st_ino);
    device_.store_relaxed(s.st_dev);
    fd_.store_release(fd);
    return true;
  }

  light_atomic<int> fd_{-1};
  light_atomic<ino_t> inode_{0};
  light_atomic<dev_t> device_{0};
};

}  // namespace taskleak::inline v0::detail

#endif
