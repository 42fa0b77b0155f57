// SPDX-License-Identifier: MIT
/// \file The kernel's list of the threads of this process.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_TASK_DIRECTORY_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_TASK_DIRECTORY_HPP

#include <taskleak/detail/platform/linux/system.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace taskleak::inline v0::detail {

/// /proc/self/task, kept open: its link count is the number of threads plus two, without a look at any of them.
class task_directory {
 public:
  task_directory() = default;
  task_directory(const task_directory&) = delete;
  task_directory& operator=(const task_directory&) = delete;

  /// The number of threads; -1 where /proc is not mounted, or is another pid namespace's.
  int count() noexcept {
    struct stat s {};
    if (!is_ours(s) && !reopen(s)) return -1;
    return static_cast<int>(s.st_nlink) - 2;
  }

  /// Their kernel ids; false where count() is -1.
  bool list(std::vector<int>& tids) {
    tids.clear();
    if (count() < 0) return false;
    alignas(dirent64) char buffer[16384];
    lseek(fd_, 0, SEEK_SET);
    for (;;) {
      const long got = syscall(SYS_getdents64, fd_, buffer, sizeof buffer);
      if (got <= 0) return got == 0;
      for (long at = 0; at < got;) {
        const auto* entry = reinterpret_cast<const dirent64*>(buffer + at);
        if (entry->d_name[0] != '.') tids.push_back(std::atoi(entry->d_name));
        at += entry->d_reclen;
      }
    }
  }

 private:
  /// A program may close descriptors it does not know and reuse the number: the inode tells.
  bool is_ours(struct stat& s) const noexcept {
    return fd_ >= 0 && fstat(fd_, &s) == 0 && s.st_ino == inode_ && s.st_dev == device_;
  }

  bool reopen(struct stat& s) noexcept {
    const int low = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (low < 0) return false;
    // out of the way of programs that count on the lowest free number
    fd_ = fcntl(low, F_DUPFD_CLOEXEC, 512);
    if (fd_ < 0)
      fd_ = low;
    else
      close(low);
    if (fstat(fd_, &s) != 0) return false;
    inode_ = s.st_ino;
    device_ = s.st_dev;
    return true;
  }

  int fd_ = -1;
  ino_t inode_ = 0;
  dev_t device_ = 0;
};

}  // namespace taskleak::inline v0::detail

#endif
