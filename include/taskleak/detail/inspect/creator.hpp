// SPDX-License-Identifier: MIT
/// \file The thread that created a task, in words.
#ifndef TASKLEAK_DETAIL_INSPECT_CREATOR_HPP
#define TASKLEAK_DETAIL_INSPECT_CREATOR_HPP

#include <string>

namespace taskleak::inline v0::detail {

/// Its name may have gone with it, or be another's by now.
inline std::string creator_in_words(int tid, bool is_main) {
  if (tid == 0) return "unknown";
  return is_main ? "main thread" : "thread " + std::to_string(tid);
}

}  // namespace taskleak::inline v0::detail

#endif
