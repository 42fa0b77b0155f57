// SPDX-License-Identifier: MIT
/// \file Defines a clock that is cheap enough to be read at each suspension.
#ifndef TASKLEAK_DETAIL_PLATFORM_PORTABLE_COARSE_CLOCK_HPP
#define TASKLEAK_DETAIL_PLATFORM_PORTABLE_COARSE_CLOCK_HPP

#include <chrono>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// Returns milliseconds, modulo 2^32 (49 days).
inline std::uint32_t coarse_ms() noexcept {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

}  // namespace taskleak::inline v0::detail

#endif
