// SPDX-License-Identifier: MIT
/// \file Gives what the standard library has of time and threads.
#ifndef TASKLEAK_DETAIL_PLATFORM_PORTABLE_SYSTEM_HPP
#define TASKLEAK_DETAIL_PLATFORM_PORTABLE_SYSTEM_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/light_atomic.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>

namespace taskleak::inline v0::detail {

/// Returns nanoseconds of the steady clock.
inline std::int64_t now_ns() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

TASKLEAK_SHARED inline constinit light_atomic<int> last_thread_number{0};
TASKLEAK_SHARED inline constinit thread_local int number_of_this_thread = 0;

/// Returns a number of our own for the calling thread: threads are numbered as they first ask, since the id that the standard
/// gives them is no number. The main line asks before main(), so the main thread has the first.
inline int current_tid() noexcept {
  if (number_of_this_thread == 0) number_of_this_thread = last_thread_number.fetch_add(1) + 1;
  return number_of_this_thread;
}

/// Returns the main thread's number, as on Linux the process id is.
inline int current_pid() noexcept { return 1; }

/// Returns false, since nothing here copies a process.
inline bool is_frozen_copy() noexcept { return false; }

/// Returns false, since nobody tells. No number is given out twice, so a number never names another thread.
inline bool thread_has_ended(int) noexcept { return false; }

/// Sleeps while the word holds the value, at most this long, and looks at it every millisecond.
inline void wait_on_word(std::uint32_t* word, std::uint32_t value, std::int64_t longest_ns) noexcept {
  constexpr std::int64_t moment_ns = 1'000'000;
  const std::int64_t end = now_ns() + longest_ns;
  for (std::int64_t left = longest_ns; left > 0 && __atomic_load_n(word, __ATOMIC_ACQUIRE) == value; left = end - now_ns())
    std::this_thread::sleep_for(std::chrono::nanoseconds(std::min(left, moment_ns)));
}

inline void wake_all_on_word(std::uint32_t*) noexcept {}

}  // namespace taskleak::inline v0::detail

#endif
