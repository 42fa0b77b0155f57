// SPDX-License-Identifier: MIT
/// \file Names the kinds of objects that have a number in place of an address.
#ifndef TASKLEAK_DETAIL_INSPECT_NUMBERED_KINDS_HPP
#define TASKLEAK_DETAIL_INSPECT_NUMBERED_KINDS_HPP

#include <string_view>

namespace taskleak::inline v0::detail {

/// Whether an object of this kind has a number that the kernel gave it, in place of an address.
inline bool is_numbered(std::string_view kind) noexcept {
  for (const std::string_view numbered : {"fd", "thread", "process", "message queue", "semaphore set"})
    if (kind == numbered) return true;
  return false;
}

}  // namespace taskleak::inline v0::detail

#endif
