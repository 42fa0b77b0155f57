// SPDX-License-Identifier: MIT
/// \file Finds cycles of tasks that wait for each other.
#ifndef TASKLEAK_DETAIL_VERDICT_WAIT_GRAPH_HPP
#define TASKLEAK_DETAIL_VERDICT_WAIT_GRAPH_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/report.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Returns the only thread that can end the wait: the owner of the lock, or the joined thread. Empty for a wait that ends by
/// itself, and for any other wait.
inline std::optional<std::uint64_t> awaited_thread_of(const straggler& s) {
  if (s.kind != task_kind::thread || s.time_left) return std::nullopt;
  const bool is_lock = s.state == state::mutex_lock || s.state == state::shared_mutex_lock;
  if (!is_lock && s.state != state::join) return std::nullopt;
  for (const awaited_task& other : s.waits_for)
    if (other.kind == task_kind::thread && other.relation == (is_lock ? wait_relation::owner : wait_relation::joined))
      return other.id;
  return std::nullopt;
}

/// Returns the coroutine that this coroutine awaits.
inline std::optional<std::uint64_t> awaited_coroutine_of(const straggler& s) {
  if (s.kind != task_kind::coroutine) return std::nullopt;
  for (const awaited_task& other : s.waits_for)
    if (other.kind == task_kind::coroutine && other.relation == wait_relation::awaited) return other.id;
  return std::nullopt;
}

/// Holds which task waits for which, all of one kind. A task waits for at most one other, so a cycle is found by going from task
/// to task.
class wait_graph {
  using task = std::map<std::uint64_t, const straggler*>::const_iterator;

 public:
  using next_task = std::optional<std::uint64_t> (*)(const straggler& s);

  explicit wait_graph(next_task awaited_of) : awaited_of_(awaited_of) {}

  /// Adds a task by the id that it was asked for by: the straggler may have got another one since. The graph refers to the
  /// straggler.
  void add(std::uint64_t id, const straggler& s) { tasks_.emplace(id, &s); }

  /// Returns the tasks that others wait for, and that have not been added.
  std::vector<std::uint64_t> missing() const {
    std::vector<std::uint64_t> ids;
    for (const auto& [id, s] : tasks_)
      if (const auto awaited = awaited_of_(*s); awaited && !tasks_.contains(*awaited)) ids.push_back(*awaited);
    return ids;
  }

  /// Returns each cycle once: its tasks, of which each waits for the next, and the last one for the first.
  std::vector<std::vector<const straggler*>> cycles() const {
    std::vector<std::vector<const straggler*>> found;
    std::set<std::uint64_t> passed;
    for (task start = tasks_.begin(); start != tasks_.end(); ++start) {
      std::vector<const straggler*> path;
      task at = start;
      while (at != tasks_.end() && passed.insert(at->first).second) {
        path.push_back(at->second);
        at = awaited_by(*at->second);
      }
      if (at == tasks_.end()) continue;
      const auto again = detail::find(path.begin(), path.end(), at->second);
      if (again != path.end()) found.emplace_back(again, path.end());
    }
    return found;
  }

 private:
  task awaited_by(const straggler& s) const {
    const auto awaited = awaited_of_(s);
    return awaited ? tasks_.find(*awaited) : tasks_.end();
  }

  next_task awaited_of_;
  std::map<std::uint64_t, const straggler*> tasks_;
};

}  // namespace taskleak::inline v0::detail

#endif
