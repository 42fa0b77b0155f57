// SPDX-License-Identifier: MIT
/// \file Reads the kernel's small files about one thread of this process.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_PROC_FILE_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_PROC_FILE_HPP

#include <taskleak/detail/platform/linux/small_file.hpp>
#include <taskleak/detail/platform/linux/system.hpp>
#include <taskleak/detail/platform/linux/task_directory.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include <time.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Holds the start of a file under /proc/self/task/TID; empty when the thread is gone or the kernel refuses.
class thread_file {
 public:
  thread_file(int tid, const char* name) noexcept : fd_(own_tasks.open_file(tid, name)) {
    if (fd_ < 0) error_ = errno;
    read_again();
  }
  ~thread_file() {
    if (fd_ >= 0) close(fd_);
  }
  thread_file(const thread_file&) = delete;
  thread_file& operator=(const thread_file&) = delete;

  /// Reads the file again, which the kernel then writes anew.
  void read_again() noexcept {
    size_ = 0;
    if (fd_ >= 0) {
      const ssize_t got = pread(fd_, text_, sizeof text_ - 1, 0);
      error_ = got < 0 ? errno : 0;
      if (got > 0) size_ = static_cast<std::size_t>(got);
    }
    text_[size_] = '\0';
  }

  std::string_view text() const noexcept { return {text_, size_}; }
  const char* c_str() const noexcept { return text_; }
  int error() const noexcept { return error_; }  ///< why it could not be opened or read

 private:
  char text_[2048];
  std::size_t size_ = 0;
  int error_ = 0;
  int fd_;
};

/// Whether the kernel has the thread, by a signal that is none: also where its files cannot be read, for want of a descriptor or
/// of a /proc of our pid namespace. `file` is a try to read one, which decides where the signal is forbidden.
inline bool is_alive(int tid, const thread_file& file) noexcept {
  if (syscall(SYS_tgkill, current_pid(), tid, 0) == 0) return true;
  if (errno == ESRCH) return false;
  return file.error() != ENOENT && file.error() != ESRCH;
}

/// Returns the thread's name from the file "comm" of the thread; empty when that could not be read.
inline std::string name_in(const thread_file& comm) {
  std::string name(comm.text());
  if (!name.empty() && name.back() == '\n') name.pop_back();
  return name;
}

/// Returns the thread's name as the kernel has it; empty when the thread is gone, or cannot be read.
inline std::string kernel_thread_name(int tid) { return name_in(thread_file(tid, "comm")); }

/// Holds a line of /proc/PID/task/TID/stat, proc_pid_stat(5).
struct thread_stat {
  char state = '?';                    ///< R running, S sleeping, D disk sleep, T stopped, Z zombie, X dead
  unsigned flags = 0;                  ///< PF_* of the kernel's include/linux/sched.h
  unsigned long long start_ticks = 0;  ///< since boot; with the tid it names a thread for good

  bool has_ended() const noexcept { return state == 'X' || state == 'Z'; }
  /// Whether the kernel has made the thread for itself, and it runs none of the program's code: io_uring's workers and pollers.
  bool is_of_kernel() const noexcept {
    constexpr unsigned io_worker = 0x10, user_worker = 0x4000;  // PF_IO_WORKER since 5.12, PF_USER_WORKER since 6.4
    return (flags & (io_worker | user_worker)) != 0;
  }
};

inline std::optional<thread_stat> read_thread_stat(int tid) noexcept {
  const thread_file file(tid, "stat");
  const char* after_name = std::strrchr(file.text().empty() ? "" : file.c_str(), ')');  // the name may hold anything
  if (!after_name) return std::nullopt;
  thread_stat s;
  // field 3 is the state, field 9 the flags, field 22 the start time
  if (std::sscanf(after_name + 1, " %c %*d %*d %*d %*d %*d %u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &s.state,
                  &s.flags, &s.start_ticks) != 3)
    return std::nullopt;
  return s;
}

/// Whether the thread was there at this time of CLOCK_MONOTONIC: a later thread may have the id by now.
inline bool has_begun_by(const thread_stat& s, std::int64_t time_ns) noexcept {
  timespec since_boot{};
  clock_gettime(CLOCK_BOOTTIME, &since_boot);
  const std::int64_t asleep_ns = std::int64_t{since_boot.tv_sec} * 1'000'000'000 + since_boot.tv_nsec - now_ns();
  static const long ticks_per_second = sysconf(_SC_CLK_TCK);
  const std::int64_t ns_per_tick = 1'000'000'000 / ticks_per_second;
  return static_cast<std::int64_t>(s.start_ticks) <= (time_ns + asleep_ns) / ns_per_tick;
}

/// Returns the CPU that the thread was last on, field 39 of proc_pid_stat(5); -1 when that is not known.
inline int last_cpu(int tid) noexcept {
  const thread_file file(tid, "stat");
  const char* at = std::strrchr(file.text().empty() ? "" : file.c_str(), ')');
  for (int field = 2; at && field < 39; ++field) at = std::strchr(at + 1, ' ');
  return at ? std::atoi(at + 1) : -1;
}

/// Holds what the scheduler says of a thread, in /proc/PID/task/TID/sched.
struct thread_scheduling {
  std::int64_t last_ran_ns = 0;  ///< se.exec_start, in the clock of its CPU: see scheduler_clock.hpp
  std::int64_t ran_ns = 0;       ///< se.sum_exec_runtime
  long sleeps = 0;               ///< nr_voluntary_switches: how often it has gone to sleep
};

/// Reads the text of such a file; empty where the kernel has none: without CONFIG_SCHED_DEBUG.
inline std::optional<thread_scheduling> scheduling_of(const char* text) noexcept {
  const auto number_of = [&](const char* name) -> std::optional<double> {
    const char* at = std::strstr(text, name);
    at = at ? std::strchr(at, ':') : nullptr;
    if (!at) return std::nullopt;
    return std::strtod(at + 1, nullptr);
  };
  const auto last = number_of("se.exec_start"), ran = number_of("se.sum_exec_runtime"),
             sleeps = number_of("nr_voluntary_switches");
  if (!last || !ran || !sleeps) return std::nullopt;
  // both times are in milliseconds
  return thread_scheduling{static_cast<std::int64_t>(*last * 1e6), static_cast<std::int64_t>(*ran * 1e6),
                           static_cast<long>(*sleeps)};
}

inline std::optional<thread_scheduling> read_scheduling(int tid) noexcept {
  return scheduling_of(thread_file(tid, "sched").c_str());
}

/// Returns the same of the calling thread, also in a frozen copy.
inline std::optional<thread_scheduling> read_own_scheduling() noexcept {
  char text[2048];
  if (read_small_file("/proc/thread-self/sched", text, sizeof text) <= 0) return std::nullopt;
  return scheduling_of(text);
}

}  // namespace taskleak::inline v0::detail

#endif
