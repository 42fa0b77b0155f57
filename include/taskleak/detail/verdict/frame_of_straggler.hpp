// SPDX-License-Identifier: MIT
/// \file Names the frame of a coroutine that a verdict is asked for.
#ifndef TASKLEAK_DETAIL_VERDICT_FRAME_OF_STRAGGLER_HPP
#define TASKLEAK_DETAIL_VERDICT_FRAME_OF_STRAGGLER_HPP

#include <cstdint>

namespace taskleak::inline v0::detail {

/// Names a coroutine by the straggler that stands for it.
struct frame_of_straggler {
  std::uint64_t straggler = 0;  ///< its id
  std::uintptr_t turned_frame = 0;
};

}  // namespace taskleak::inline v0::detail

#endif
