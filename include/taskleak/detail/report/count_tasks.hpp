// SPDX-License-Identifier: MIT
/// \file Counts the tasks that the stragglers of a report stand for.
#ifndef TASKLEAK_DETAIL_REPORT_COUNT_TASKS_HPP
#define TASKLEAK_DETAIL_REPORT_COUNT_TASKS_HPP

#include <taskleak/report.hpp>

#include <cstddef>
#include <vector>

namespace taskleak::inline v0::detail {

/// Returns how many tasks of this kind the stragglers stand for.
inline std::size_t count_tasks_of(const std::vector<straggler>& all, task_kind kind) noexcept {
  std::size_t count = 0;
  for (const straggler& s : all)
    if (s.kind == kind) count += 1 + s.alike.ids.size();
  return count;
}

}  // namespace taskleak::inline v0::detail

#endif
