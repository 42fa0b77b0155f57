// SPDX-License-Identifier: MIT
/// \file Tells a check that waits that some task has ended.
#ifndef TASKLEAK_DETAIL_PLATFORM_CHANGES_HPP
#define TASKLEAK_DETAIL_PLATFORM_CHANGES_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/platform/system.hpp>

#include <cstdint>

namespace taskleak::inline v0::detail {

/// Counts the ends of tasks while somebody waits for one; costs a task that ends one load of a line that is hardly ever written.
class change_event {
 public:
  constexpr change_event() noexcept = default;

  void announce() noexcept {
    if (waiters_.load() == 0) return;
    count_.fetch_add(1);
    wake_all_on_word(count_.address());
  }

  /// Begins to watch, before a look, and returns the count for wait(): a change between the look and the wait is not missed.
  std::uint32_t start_watching() noexcept {
    waiters_.fetch_add(1);
    return count_.load();
  }
  std::uint32_t seen() const noexcept { return count_.load(); }
  void wait(std::uint32_t seen, std::int64_t longest_ns) noexcept { wait_on_word(count_.address(), seen, longest_ns); }
  void stop_watching() noexcept { waiters_.fetch_sub(1); }

 private:
  light_atomic<std::uint32_t> waiters_{0};
  light_atomic<std::uint32_t> count_{0};
};

TASKLEAK_SHARED inline constinit change_event task_ended;

}  // namespace taskleak::inline v0::detail

#endif
