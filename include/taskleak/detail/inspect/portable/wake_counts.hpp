// SPDX-License-Identifier: MIT
/// \file Counts nothing: nobody tells here how often a thread wakes.
#ifndef TASKLEAK_DETAIL_INSPECT_PORTABLE_WAKE_COUNTS_HPP
#define TASKLEAK_DETAIL_INSPECT_PORTABLE_WAKE_COUNTS_HPP

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

class wake_counts {
 public:
  explicit wake_counts(std::int64_t) noexcept {}
  bool is_due() const noexcept { return false; }
  void begin_look() noexcept {}
  void look(int) noexcept {}
  std::size_t times_back(int) const noexcept { return 0; }
};

}  // namespace taskleak::inline v0::detail

#endif
