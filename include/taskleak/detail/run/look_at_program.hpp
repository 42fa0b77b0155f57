// SPDX-License-Identifier: MIT
/// \file Declares the looks at a program that goes on: no run begins, nothing counts as dealt with, nothing fails.
#ifndef TASKLEAK_DETAIL_RUN_LOOK_AT_PROGRAM_HPP
#define TASKLEAK_DETAIL_RUN_LOOK_AT_PROGRAM_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/run/main_line.hpp>
#include <taskleak/report.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace taskleak::inline v0 {

namespace detail {

/// Counts the tasks of the program, and those it ever had.
struct task_counts {
  struct of_kind {
    std::uint64_t created = 0;   ///< those that announced their birth
    std::uint64_t finished = 0;  ///< of the created ones
  };

  /// Says how many tasks of a kind are in a state. The main thread does not count.
  std::map<std::pair<task_kind, std::string>, std::size_t> by_state{};
  of_kind threads{};
  of_kind coroutines{};
};

}  // namespace detail

// Defined by taskleak/runtime.hpp.
namespace TASKLEAK_SHARED the_main_line_is_missing {

/// Returns every task but the calling thread and taskleak's own, the main thread among them, coroutines one by one. A child of
/// the process gets none. Threads that run are held for a moment.
///
/// Where `stack_of_program` is not 0, it says from where on the stack of the calling thread is the program's, see
/// stack_of_callers(), and a copy of the process is searched for what can still be reached, as by a failing check.
report look_at_program(std::uintptr_t stack_of_program);
/// Counts all tasks but taskleak's own. Holds no thread: one that is not parked counts as running.
detail::task_counts count_tasks_by_state();
/// Returns the blocks that a text has for all tasks, or for one group.
std::string text_of_tasks(const report& found, const report_limits& limits);
std::string text_of_group(const straggler_group& group, const report_limits& limits);
std::string name_of_program();
/// Whether this process is a child of the one that taskleak looks at, made by fork().
bool is_child_process() noexcept;

}  // namespace the_main_line_is_missing

}  // namespace taskleak::inline v0

#endif
