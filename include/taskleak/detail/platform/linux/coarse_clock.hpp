// SPDX-License-Identifier: MIT
/// \file Defines a clock that is cheap enough to be read at each suspension.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_COARSE_CLOCK_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_COARSE_CLOCK_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/light_atomic.hpp>

#include <cstdint>

#include <time.h>

namespace taskleak::inline v0::detail {

using clock_function = int (*)(clockid_t, timespec*);

/// Holds the clock to ask: the C library's, or the kernel's own, a third cheaper, which the main line puts here.
TASKLEAK_SHARED inline constinit light_atomic<clock_function> the_clock{&clock_gettime};

/// Returns milliseconds, modulo 2^32 (49 days), of the time at the kernel's last tick: 1 to 10 ms old, at a quarter of the price
/// of the exact time.
inline std::uint32_t coarse_ms() noexcept {
  timespec t;
  the_clock.load_relaxed()(CLOCK_MONOTONIC_COARSE, &t);
  return static_cast<std::uint32_t>(t.tv_sec) * 1000u + static_cast<std::uint32_t>(t.tv_nsec) / 1'000'000u;
}

}  // namespace taskleak::inline v0::detail

#endif
