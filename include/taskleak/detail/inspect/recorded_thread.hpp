// SPDX-License-Identifier: MIT
/// \file Describes what is on record of a thread: its creator, its scope and its creation stack.
#ifndef TASKLEAK_DETAIL_INSPECT_RECORDED_THREAD_HPP
#define TASKLEAK_DETAIL_INSPECT_RECORDED_THREAD_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/inspect/creator.hpp>
#include <taskleak/detail/inspect/scope_name.hpp>
#include <taskleak/detail/inspect/transfer_frames.hpp>
#include <taskleak/detail/probe/thread/live_thread.hpp>
#include <taskleak/detail/symbols/plumbing.hpp>
#include <taskleak/detail/symbols/symbolizer.hpp>
#include <taskleak/report.hpp>

#include <cstdint>
#include <cstring>
#include <vector>

namespace taskleak::inline v0::detail {

inline std::vector<frame> creation_stack_of(const live_thread& t) {
  std::uintptr_t entries[thread_record::max_creation_frames];
  std::memcpy(entries, t.creation_stack, t.creation_depth * sizeof *entries);
  std::vector<frame> stack = frames_of_captured(entries, t.creation_depth);
  mark_plumbing(stack);
  return stack;
}

/// Fills in the thread's creator and scope, which are on record.
inline void describe_record(const live_thread& t, straggler& s) {
  s.is_main = t.is_main;
  if (t.is_main) return;  // nobody has created it, and no test is charged with it
  s.created_by = creator_in_words(t.creator_tid, t.created_by_main);
  s.scope = name_of_scope(t.charged_to);
}

/// Whether the functions of the creation stack are known already, so that no symbol has to be looked up.
inline bool is_creation_stack_remembered(const live_thread& t) {
  return detail::all_of(t.creation_stack, t.creation_stack + t.creation_depth, [](const void* code) {
    const auto entry = reinterpret_cast<std::uintptr_t>(code);
    return (entry & transfer_mark) != 0 || symbols().knows(entry, true);
  });
}

}  // namespace taskleak::inline v0::detail

#endif
