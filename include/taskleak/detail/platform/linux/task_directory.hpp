// SPDX-License-Identifier: MIT
/// \file Reads the kernel's list of the threads of this process, and its files about each of them.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_TASK_DIRECTORY_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_TASK_DIRECTORY_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/digits.hpp>
#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/base/spinlock.hpp>
#include <taskleak/detail/platform/linux/child_process.hpp>
#include <taskleak/detail/platform/linux/numbered_entries.hpp>
#include <taskleak/detail/platform/linux/proc_path.hpp>
#include <taskleak/detail/platform/linux/system.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Whether /proc counts processes as this one does. That of an outer pid namespace has us, too, but our threads under other
/// numbers, and another thread may be found under one of ours.
inline bool proc_is_of_our_namespace() noexcept {
  char target[16];
  const ssize_t length = readlink("/proc/self", target, sizeof target - 1);
  if (length <= 0) return false;
  target[length] = '\0';
  return std::atoi(target) == id_of_this_process();
}

/// Keeps /proc/self/task open, whose link count is the number of threads plus two, without a look at any of them.
/// May be used by several threads.
class task_directory {
 public:
  constexpr task_directory() noexcept = default;

  /// Returns the number of threads; -1 where /proc is not mounted, or is another pid namespace's.
  int count() noexcept {
    struct stat s {};
    return descriptor(s) < 0 ? -1 : static_cast<int>(s.st_nlink) - 2;
  }

  /// Lists the kernel ids of the threads; false where count() is -1, or the directory cannot be read.
  bool list(light_vector<int>& tids) {
    tids.clear();
    struct stat s {};
    const int kept = descriptor(s);
    if (kept < 0) return false;
    const int own = openat(kept, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (own >= 0) {
      const bool whole = read_entries(own, tids);
      close(own);
      return whole;
    }
    // no descriptor is left: the one that is kept has one position for all who read it
    const spin_guard guard(position_lock_);
    return lseek(kept, 0, SEEK_SET) == 0 && read_entries(kept, tids);
  }

  /// Opens a file about one thread; -1 with errno as open(2) says, ENOENT where there is no such thread, or no /proc of ours.
  int open_file(int tid, const char* name, int access = O_RDONLY) noexcept {
    char path[48];
    path_of(tid, name, path);
    int fd = fd_.load_acquire();
    if (fd >= 0)
      if (const int file = openat(fd, path, access | O_CLOEXEC); file >= 0 || errno == EMFILE) return file;
    // there is no such thread, or the descriptor is not what it was
    struct stat s {};
    fd = descriptor(s);
    return fd < 0 ? -1 : openat(fd, path, access | O_CLOEXEC);
  }

 private:
  static bool read_entries(int fd, light_vector<int>& tids) {
    return for_each_numbered_entry(fd, [&](int tid) {
      tids.push_back(tid);
      return true;
    });
  }

  static void path_of(int tid, const char* name, char (&path)[48]) noexcept {
    const digits number(static_cast<unsigned>(tid));
    std::size_t at = number.view().copy(path, sizeof path);
    path[at++] = '/';
    std::strcpy(path + at, name);
  }

  /// Returns the open directory; -1 with errno where there is none.
  int descriptor(struct stat& s) noexcept {
    const int fd = fd_.load_acquire();
    // a program may close descriptors it does not know and reuse the number: the inode tells. A forked child has the descriptor
    // of its parent's directory. Only a child is asked for its process id: that is a system call, in each check.
    if (fd >= 0 && fstat(fd, &s) == 0 && s.st_ino == inode_.load_relaxed() && s.st_dev == device_.load_relaxed() &&
        (!is_forked_child() || pid_.load_relaxed() == current_pid()))
      return fd;
    return reopen(s);
  }

  int reopen(struct stat& s) noexcept {
    if (!proc_is_of_our_namespace()) {
      errno = ENOENT;
      return -1;
    }
    // not that of "self": a frozen copy asks for its parent's threads
    const int low = open(proc_path(current_pid(), 0, "task").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (low < 0) return -1;
    // out of the way of programs that count on the lowest free number
    int fd = fcntl(low, F_DUPFD_CLOEXEC, 512);
    if (fd < 0)
      fd = low;
    else
      close(low);
    if (fstat(fd, &s) != 0) return -1;
    inode_.store_relaxed(s.st_ino);
    device_.store_relaxed(s.st_dev);
    pid_.store_relaxed(current_pid());
    fd_.store_release(fd);
    return fd;
  }

  light_atomic<int> fd_{-1};
  light_atomic<int> pid_{0};
  light_atomic<ino_t> inode_{0};
  light_atomic<dev_t> device_{0};
  spinlock position_lock_;
};

TASKLEAK_SHARED inline constinit task_directory own_tasks;

}  // namespace taskleak::inline v0::detail

#endif
