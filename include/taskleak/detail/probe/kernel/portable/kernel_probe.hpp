// SPDX-License-Identifier: MIT
/// \file Finds no unannounced threads, since the standard has no means to find any.
#ifndef TASKLEAK_DETAIL_PROBE_KERNEL_PORTABLE_KERNEL_PROBE_HPP
#define TASKLEAK_DETAIL_PROBE_KERNEL_PORTABLE_KERNEL_PROBE_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/probe/thread/live_thread.hpp>

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// Knows no threads.
class kernel_probe {
 public:
  void refresh() const noexcept {}
  bool has_younger_than(std::uint64_t) const noexcept { return false; }
  void copy_younger_than(std::uint64_t, bool, light_vector<live_thread>&, light_vector<live_thread>& suspects) const {
    suspects.clear();
  }
  void settle(int, std::uint64_t) const noexcept {}
  std::size_t count() const noexcept { return 0; }
};

inline kernel_probe kernel_threads() noexcept { return {}; }

}  // namespace taskleak::inline v0::detail

#endif
