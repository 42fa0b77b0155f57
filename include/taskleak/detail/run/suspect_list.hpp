// SPDX-License-Identifier: MIT
/// \file Lists the tasks of one kind that a check is about, from round to round of its looks.
#ifndef TASKLEAK_DETAIL_RUN_SUSPECT_LIST_HPP
#define TASKLEAK_DETAIL_RUN_SUSPECT_LIST_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/filter/rules.hpp>
#include <taskleak/detail/inspect/await_graph.hpp>
#include <taskleak/detail/inspect/facet.hpp>
#include <taskleak/detail/inspect/inspect_coroutine.hpp>
#include <taskleak/detail/registry/scope.hpp>
#include <taskleak/detail/run/question.hpp>
#include <taskleak/report.hpp>

#include <cstdint>
#include <string>

namespace taskleak::inline v0::detail {

/// Names a thread that a static object owns.
struct owned_thread {
  std::uint64_t serial = 0;
  std::string owner;  ///< `static logger::instance()::one`
};

/// Holds what the lists of one check have in common.
struct check_context {
  question asked;
  rule_set& rules;
  report result;
  light_vector<owned_thread> owned{};  ///< threads that were left out since a static object owns them

  bool is_in_scope(const scope* charged_to) const noexcept {
    return !asked.within || (charged_to && charged_to->is_within(asked.within));
  }

  /// Lists a task among the ignored ones; returns false if the reason is empty.
  bool ignore(const straggler& s, const std::string& reason) {
    if (reason.empty()) return false;
    result.ignored.push_back({s.kind, s.id, s.name, reason});
    return true;
  }
};

/// Lists the suspects of one kind. A new kind of task that a check looks at is one more class derived from this one.
class suspect_list {
 public:
  explicit suspect_list(check_context& context) noexcept : context_(context) {}
  suspect_list(const suspect_list&) = delete;
  suspect_list& operator=(const suspect_list&) = delete;
  virtual ~suspect_list() = default;

  /// Takes a new list of the tasks that are alive, without tasks that were left out before.
  virtual void collect() = 0;
  virtual bool empty() const noexcept = 0;
  /// Whether a task is alive that no rule can leave out with so much effort: then there is no need to look at the others, of
  /// which there may be a million, before the deadline.
  virtual bool is_held_up(effort) noexcept { return false; }
  /// Whether a task was created a moment ago, and can tell more of itself once it runs.
  virtual bool has_not_begun() const noexcept { return false; }
  /// Whether a task may be about to end although its time is over, and must not be reported yet.
  virtual bool has_newcomers() const noexcept { return false; }
  /// Leaves out the tasks that a rule matches, as far as that can be told with so much effort.
  virtual void leave_out(effort most) = 0;
  /// Describes all tasks that are left, with the graph of all coroutines.
  virtual void describe(const await_graph& graph, coroutine_inspector& coroutines) = 0;
  /// Adds the described tasks to the report that have not ended meanwhile.
  virtual void report_those_still_there() = 0;
  /// Whether all described tasks are parts of tasks that are no suspects, so that there is nothing to report.
  virtual bool are_all_told_with_others() const noexcept { return false; }
  /// Marks the tasks that were left out or reported as dealt with, so that no later check looks at them.
  virtual void settle() = 0;

 protected:
  check_context& context_;
};

}  // namespace taskleak::inline v0::detail

#endif
