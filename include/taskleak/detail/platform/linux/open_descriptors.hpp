// SPDX-License-Identifier: MIT
/// \file Lists the file descriptors of this process, by what the kernel says is behind each.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_OPEN_DESCRIPTORS_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_OPEN_DESCRIPTORS_HPP

#include <taskleak/detail/platform/linux/numbered_entries.hpp>

#include <cstddef>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Returns number and target of each open descriptor ("socket:[4711]", a path), in the order of their numbers; none where /proc
/// cannot be read.
inline std::vector<std::pair<int, std::string>> list_open_descriptors() {
  std::vector<std::pair<int, std::string>> found;
  const int folder = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return found;
  for_each_numbered_entry(folder, [&](int fd) {
    char path[32], target[512];
    std::snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const ssize_t length = fd == folder ? -1 : readlink(path, target, sizeof target);
    if (length > 0) found.emplace_back(fd, std::string(target, static_cast<std::size_t>(length)));
    return true;
  });
  close(folder);
  return found;
}

}  // namespace taskleak::inline v0::detail

#endif
