// SPDX-License-Identifier: MIT
/// \file What stands in a stack for the frames in the middle of a very deep one.
#ifndef TASKLEAK_DETAIL_INSPECT_STACK_GAP_HPP
#define TASKLEAK_DETAIL_INSPECT_STACK_GAP_HPP

#include <taskleak/report.hpp>

#include <cstddef>

namespace taskleak::inline v0::detail {

/// What stands in a stack for frames that were left out when it was read: no function, their number as the line.
inline frame frames_left_out(std::size_t count) {
  frame gap;
  gap.function = "...";
  gap.line = static_cast<unsigned>(count);
  return gap;
}

inline bool stands_for_others(const frame& f) noexcept { return f.address == 0 && f.line != 0 && f.function == "..."; }

}  // namespace taskleak::inline v0::detail

#endif
