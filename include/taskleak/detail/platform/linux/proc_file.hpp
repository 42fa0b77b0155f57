// SPDX-License-Identifier: MIT
/// \file Reading the kernel's small files about one thread of this process.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_PROC_FILE_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_PROC_FILE_HPP

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// The start of a file under /proc/self/task/TID; empty when the thread is gone or the kernel refuses.
class thread_file {
 public:
  thread_file(int tid, const char* name) noexcept {
    char path[64];
    std::snprintf(path, sizeof path, "/proc/self/task/%d/%s", tid, name);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    const ssize_t got = read(fd, text_, sizeof text_ - 1);
    close(fd);
    if (got > 0) size_ = static_cast<std::size_t>(got);
    text_[size_] = '\0';
  }

  std::string_view text() const noexcept { return {text_, size_}; }
  const char* c_str() const noexcept { return text_; }

 private:
  char text_[2048];
  std::size_t size_ = 0;
};

/// The thread's name as the kernel has it; empty when the thread is gone.
inline std::string kernel_thread_name(int tid) {
  std::string name(thread_file(tid, "comm").text());
  if (!name.empty() && name.back() == '\n') name.pop_back();
  return name;
}

/// A line of /proc/PID/task/TID/stat, proc_pid_stat(5).
struct thread_stat {
  char state = '?';                    ///< R running, S sleeping, D disk sleep, T stopped, Z zombie, X dead
  unsigned long long start_ticks = 0;  ///< since boot; with the tid it names a thread for good
};

inline std::optional<thread_stat> read_thread_stat(int tid) noexcept {
  const thread_file file(tid, "stat");
  const char* after_name = std::strrchr(file.text().empty() ? "" : file.c_str(), ')');  // the name may hold anything
  if (!after_name) return std::nullopt;
  thread_stat s;
  // field 3 is the state, field 22 the start time
  if (std::sscanf(after_name + 1, " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &s.state,
                  &s.start_ticks) != 2)
    return std::nullopt;
  return s;
}

/// When the thread last ran, in the milliseconds of its CPU's scheduler clock: `se.exec_start` of /proc/PID/task/TID/sched.
/// A kernel without CONFIG_SCHED_DEBUG has no such file.
inline std::optional<double> last_ran_ms(int tid) noexcept {
  const thread_file file(tid, "sched");
  const char* at = file.text().empty() ? nullptr : std::strstr(file.c_str(), "se.exec_start");
  at = at ? std::strchr(at, ':') : nullptr;
  if (!at) return std::nullopt;
  return std::strtod(at + 1, nullptr);
}

}  // namespace taskleak::inline v0::detail

#endif
