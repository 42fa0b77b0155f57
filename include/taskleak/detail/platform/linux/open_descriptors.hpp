// SPDX-License-Identifier: MIT
/// \file Lists the file descriptors of this process, by what the kernel says is behind each.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_OPEN_DESCRIPTORS_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_OPEN_DESCRIPTORS_HPP

#include <taskleak/detail/platform/linux/numbered_entries.hpp>

#include <cstddef>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Returns what a descriptor stands for, "socket:[4711]" or a path, in `room`, cut off where that is too small; empty where /proc
/// does not tell.
inline std::string_view target_of_descriptor(int fd, std::span<char> room) noexcept {
  char path[32];
  std::snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(path, room.data(), room.size());
  return {room.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
}

/// Returns number and target of each open descriptor ("socket:[4711]", a path), in the order of their numbers; none where /proc
/// cannot be read.
inline std::vector<std::pair<int, std::string>> list_open_descriptors() {
  std::vector<std::pair<int, std::string>> found;
  const int folder = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return found;
  for_each_numbered_entry(folder, [&](int fd) {
    char room[512];
    if (fd != folder)
      if (const std::string_view target = target_of_descriptor(fd, room); !target.empty()) found.emplace_back(fd, target);
    return true;
  });
  close(folder);
  return found;
}

}  // namespace taskleak::inline v0::detail

#endif
