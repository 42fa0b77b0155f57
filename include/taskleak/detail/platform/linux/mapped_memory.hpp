// SPDX-License-Identifier: MIT
/// \file Tells which addresses of this process have memory behind them, and so pointers from numbers that look like some.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_MAPPED_MEMORY_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_MAPPED_MEMORY_HPP

#include <taskleak/detail/base/light_vector.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Holds the readable mappings of the process at the first question, from /proc/self/maps, proc_pid_maps(5).
class mapped_memory {
 public:
  /// Whether there was memory at the address. True for every address where the kernel does not tell.
  bool has(std::uintptr_t address) {
    if (!is_read_) read();
    if (ranges_.empty()) return true;
    if (address >= last_.from && address < last_.to) return true;
    const auto after =
        std::upper_bound(ranges_.begin(), ranges_.end(), address, [](std::uintptr_t a, const range& r) { return a < r.from; });
    if (after == ranges_.begin() || address >= after[-1].to) return false;
    last_ = after[-1];
    return true;
  }

 private:
  struct range {
    std::uintptr_t from = 0;
    std::uintptr_t to = 0;
  };

  void read() {
    is_read_ = true;
    const int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    std::string text;
    char piece[8192];
    for (ssize_t got = 0; (got = ::read(fd, piece, sizeof piece)) > 0;) text.append(piece, static_cast<std::size_t>(got));
    close(fd);
    // a line is "55d0c3a00000-55d0c3a21000 rw-p ..."
    const char* at = text.c_str();
    while (*at != '\0') {
      char* after = nullptr;
      const std::uintptr_t from = std::strtoull(at, &after, 16);
      if (*after != '-') return;
      const std::uintptr_t to = std::strtoull(after + 1, &after, 16);
      if (*after == ' ' && after[1] == 'r') add({from, to});
      at = std::strchr(after, '\n');
      if (!at) return;
      ++at;
    }
  }

  /// Adds the next mapping in the kernel's order, which is by address.
  void add(const range& next) {
    if (!ranges_.empty() && ranges_.back().to == next.from)
      ranges_.back().to = next.to;
    else
      ranges_.push_back(next);
  }

  light_vector<range> ranges_;
  range last_;
  bool is_read_ = false;
};

}  // namespace taskleak::inline v0::detail

#endif
