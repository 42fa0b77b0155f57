// SPDX-License-Identifier: MIT
/// \file Names the threads that created a task: the creator, the creator's own creator, and so on.
#ifndef TASKLEAK_DETAIL_INSPECT_CREATOR_HPP
#define TASKLEAK_DETAIL_INSPECT_CREATOR_HPP

#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/registry/current.hpp>
#include <taskleak/report.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace taskleak::inline v0::detail {

/// Returns the creator in words, without its name, which may be gone with the thread, or be another thread's by now.
inline std::string creator_in_words(int tid, bool is_main) {
  if (tid == 0) return "unknown";
  return is_main ? name_of_main_thread : "thread " + std::to_string(tid);
}

/// Returns the creators from the innermost outwards; empty if the innermost is not known.
inline std::vector<creator> ancestry_of(int creator_tid, const creator_tids& older) {
  std::vector<creator> ancestry;
  const auto add = [&](int tid) {
    const bool is_main = tid == current_pid();
    ancestry.push_back({static_cast<std::uint64_t>(tid), is_main, !is_main && thread_has_ended(tid)});
  };
  if (creator_tid == 0) return ancestry;
  add(creator_tid);
  for (const int tid : older.tids) {
    if (tid == 0) break;
    add(tid);
  }
  return ancestry;
}

}  // namespace taskleak::inline v0::detail

#endif
