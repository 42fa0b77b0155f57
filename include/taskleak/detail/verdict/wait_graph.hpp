// SPDX-License-Identifier: MIT
/// \file Finds cycles of threads that wait for each other.
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

/// Holds which thread waits for which. A thread waits for at most one other, so a cycle is found by going from thread to thread.
class wait_graph {
 public:
  /// Adds a thread; the graph refers to the straggler.
  void add(const straggler& s) { threads_.emplace(s.id, &s); }

  /// Returns the threads that others wait for, and that have not been added.
  std::vector<std::uint64_t> missing() const {
    std::vector<std::uint64_t> ids;
    for (const auto& [id, s] : threads_)
      if (const auto awaited = awaited_thread_of(*s); awaited && !threads_.contains(*awaited)) ids.push_back(*awaited);
    return ids;
  }

  /// Returns each cycle once: its threads, of which each waits for the next, and the last one for the first.
  std::vector<std::vector<const straggler*>> cycles() const {
    std::vector<std::vector<const straggler*>> found;
    std::set<std::uint64_t> passed;
    for (const auto& [start, first] : threads_) {
      std::vector<const straggler*> path;
      const straggler* s = first;
      while (s && passed.insert(s->id).second) {
        path.push_back(s);
        s = awaited_by(*s);
      }
      const auto again = detail::find(path.begin(), path.end(), s);
      if (s && again != path.end()) found.emplace_back(again, path.end());
    }
    return found;
  }

 private:
  const straggler* awaited_by(const straggler& s) const {
    const auto awaited = awaited_thread_of(s);
    const auto next = awaited ? threads_.find(*awaited) : threads_.end();
    return next == threads_.end() ? nullptr : next->second;
  }

  std::map<std::uint64_t, const straggler*> threads_;
};

}  // namespace taskleak::inline v0::detail

#endif
