// SPDX-License-Identifier: MIT
/// \file Stands in a very deep stack for the frames in its middle.
#ifndef TASKLEAK_DETAIL_INSPECT_STACK_GAP_HPP
#define TASKLEAK_DETAIL_INSPECT_STACK_GAP_HPP

#include <taskleak/report.hpp>

#include <cstddef>

namespace taskleak::inline v0::detail {

/// Returns a frame that stands for frames which were not read: it has no function, and their number as its line.
inline frame frames_left_out(std::size_t count) {
  frame gap;
  gap.function = "...";
  gap.line = static_cast<unsigned>(count);
  return gap;
}

inline bool stands_for_others(const frame& f) noexcept { return f.address == 0 && f.line != 0 && f.function == "..."; }

}  // namespace taskleak::inline v0::detail

#endif
