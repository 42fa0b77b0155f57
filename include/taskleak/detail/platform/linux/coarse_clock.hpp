// SPDX-License-Identifier: MIT
/// \file A clock that is cheap enough to be read at each suspension.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_COARSE_CLOCK_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_COARSE_CLOCK_HPP

#include <cstdint>

#include <time.h>

namespace taskleak::inline v0::detail {

/// Milliseconds, modulo 2^32 (49 days), of the time at the kernel's last tick: 1 to 10 ms old, at half the price of the exact
/// time.
inline std::uint32_t coarse_ms() noexcept {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
  return static_cast<std::uint32_t>(t.tv_sec) * 1000u + static_cast<std::uint32_t>(t.tv_nsec) / 1'000'000u;
}

}  // namespace taskleak::inline v0::detail

#endif
