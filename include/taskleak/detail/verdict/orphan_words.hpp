// SPDX-License-Identifier: MIT
/// \file Calls a task orphaned.
#ifndef TASKLEAK_DETAIL_VERDICT_ORPHAN_WORDS_HPP
#define TASKLEAK_DETAIL_VERDICT_ORPHAN_WORDS_HPP

#include <taskleak/report.hpp>

namespace taskleak::inline v0::detail {

inline void call_orphaned(straggler& s) {
  s.verdict = verdict::orphaned;
  s.reason = s.kind == task_kind::thread ? "nothing that can still run can reach what it waits for"
                                         : "nothing that can still run can reach it";
  s.owned_by.clear();
  s.holders.clear();
}

}  // namespace taskleak::inline v0::detail

#endif
