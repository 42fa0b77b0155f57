// SPDX-License-Identifier: MIT
/// \file Decides when the helper asks whether the thread that runs the tests can still be woken.
#ifndef TASKLEAK_DETAIL_RUN_WATCH_LONG_WAIT_HPP
#define TASKLEAK_DETAIL_RUN_WATCH_LONG_WAIT_HPP

#include <cstdint>

namespace taskleak::inline v0::detail {

/// Is what the helper sees of that thread at one look.
struct seen_wait {
  bool is_endless = false;  ///< for a futex, without a limit
  std::uintptr_t word = 0;  ///< the futex
  std::uint32_t beat = 0;   ///< changes when a test begins or ends
  std::uint64_t runs = 0;   ///< how often the thread has run

  bool operator==(const seen_wait&) const = default;
};

/// Counts for how long the thread has been in one wait, in which it does nothing but answer.
///
/// The first question comes after five seconds. An answer that the thread cannot be woken is made sure soon; after any other
/// answer the next question waits for as long again.
class long_wait {
 public:
  /// Whether to ask now; `passed_ns` is the time since the last call, `is_sure_so_far` what the last answer was.
  bool is_time_to_ask(const seen_wait& now, std::int64_t passed_ns, bool is_sure_so_far) noexcept {
    seen_wait expected = seen_;
    if (has_asked_) expected.runs = now.runs;  // it has run to answer
    const bool is_the_same = now.is_endless && now == expected;
    if (has_asked_ && is_the_same) next_ns_ = lasted_ns_ + (is_sure_so_far ? pause_to_be_sure_ns : lasted_ns_);
    has_asked_ = false;
    seen_ = now;
    if (!is_the_same) {
      lasted_ns_ = 0;
      next_ns_ = first_ns;
      return false;
    }
    lasted_ns_ += passed_ns;
    if (lasted_ns_ < next_ns_) return false;
    has_asked_ = true;
    return true;
  }

 private:
  static constexpr std::int64_t first_ns = 5'000'000'000;
  static constexpr std::int64_t pause_to_be_sure_ns = 200'000'000;

  seen_wait seen_;
  std::int64_t lasted_ns_ = 0;
  std::int64_t next_ns_ = first_ns;
  bool has_asked_ = false;
};

}  // namespace taskleak::inline v0::detail

#endif
