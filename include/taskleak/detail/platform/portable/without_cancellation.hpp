// SPDX-License-Identifier: MIT
/// \file Threads cannot be cancelled, as far as the standard knows.
#ifndef TASKLEAK_DETAIL_PLATFORM_PORTABLE_WITHOUT_CANCELLATION_HPP
#define TASKLEAK_DETAIL_PLATFORM_PORTABLE_WITHOUT_CANCELLATION_HPP

namespace taskleak::inline v0::detail {

/// Does nothing. Where a system has pthread_cancel(), a cancellation may act in a guard's destructor, which ends the program.
class [[maybe_unused]] without_cancellation {
 public:
  constexpr without_cancellation() noexcept {}
  without_cancellation(const without_cancellation&) = delete;
  without_cancellation& operator=(const without_cancellation&) = delete;
};

}  // namespace taskleak::inline v0::detail

#endif
