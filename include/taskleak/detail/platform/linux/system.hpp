// SPDX-License-Identifier: MIT
/// \file Makes the small system calls that the Linux side shares: time, thread ids, futexes.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_SYSTEM_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_SYSTEM_HPP

#include <taskleak/detail/base/light_atomic.hpp>

#include <cerrno>
#include <cstdint>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Returns nanoseconds of CLOCK_MONOTONIC.
inline std::int64_t now_ns() noexcept {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

/// Names the process and the thread that a frozen copy answers for, see frozen_copy.hpp; 0 anywhere else.
inline constinit light_atomic<int> examined_process{0};
inline constinit light_atomic<int> examined_thread{0};

/// Returns the process id from the kernel: a child made by raw clone(2) must not be told its parent's.
inline int id_of_this_process() noexcept { return static_cast<int>(syscall(SYS_getpid)); }

/// Whether this is a frozen copy of the process whose tasks are looked at. In a copy no thread is the calling one.
inline bool is_frozen_copy() noexcept { return examined_process.load_relaxed() != 0; }

/// Returns the process whose tasks are looked at: this one, or in a frozen copy the copied one.
inline int current_pid() noexcept {
  const int examined = examined_process.load_relaxed();
  return examined != 0 ? examined : id_of_this_process();
}

/// Returns the calling thread, or in a frozen copy the thread that it is a copy of.
inline int current_tid() noexcept {
  const int examined = examined_thread.load_relaxed();
  return examined != 0 ? examined : static_cast<int>(syscall(SYS_gettid));
}

/// Whether no thread has the id, which another thread may have by now, since the kernel gives ids out again.
inline bool thread_has_ended(int tid) noexcept { return syscall(SYS_tgkill, current_pid(), tid, 0) != 0 && errno == ESRCH; }

/// Sleeps while the word holds the value, at most this long; returns early at will, as futex(2) does.
inline void wait_on_word(std::uint32_t* word, std::uint32_t value, std::int64_t longest_ns) noexcept {
  timespec t{};
  t.tv_sec = longest_ns / 1'000'000'000;
  t.tv_nsec = longest_ns % 1'000'000'000;
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, &t, nullptr, 0);
}

/// Does the same where the word lies in memory that another process shares, and wakes who waits there.
inline void wait_on_shared_word(std::uint32_t* word, std::uint32_t value, std::int64_t longest_ns) noexcept {
  timespec t{};
  t.tv_sec = longest_ns / 1'000'000'000;
  t.tv_nsec = longest_ns % 1'000'000'000;
  syscall(SYS_futex, word, FUTEX_WAIT, value, &t, nullptr, 0);
}
inline void wake_all_on_shared_word(std::uint32_t* word) noexcept {
  syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, nullptr, nullptr, 0);
}

inline void wake_all_on_word(std::uint32_t* word) noexcept {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX, nullptr, nullptr, 0);
}

}  // namespace taskleak::inline v0::detail

#endif
