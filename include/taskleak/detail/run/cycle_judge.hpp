// SPDX-License-Identifier: MIT
/// \file Finds the stragglers that wait in a cycle, also a cycle of threads through some that are no stragglers.
#ifndef TASKLEAK_DETAIL_RUN_CYCLE_JUDGE_HPP
#define TASKLEAK_DETAIL_RUN_CYCLE_JUDGE_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/id_map.hpp>
#include <taskleak/detail/inspect/facet.hpp>
#include <taskleak/detail/inspect/inspect.hpp>
#include <taskleak/detail/inspect/inspect_coroutine.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/probe/thread/live_thread.hpp>
#include <taskleak/detail/probe/thread/main_thread.hpp>
#include <taskleak/detail/verdict/wait_cycle.hpp>
#include <taskleak/detail/verdict/wait_graph.hpp>
#include <taskleak/report.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Calls the task at this place of the cycle deadlocked.
inline void call_deadlocked(straggler& s, const wait_cycle& cycle, std::size_t place) {
  std::string reason = reason_of(cycle);
  std::vector<std::string> edges = edges_of(cycle, place);
  s.verdict = verdict::deadlocked;
  s.reason = std::move(reason);
  s.holders = std::move(edges);
}

/// Judges the orphaned coroutines that await each other in a cycle. One that something reaches is left as it is: who has a
/// coroutine's handle may resume it, whatever it awaits.
inline void judge_cycles_of_coroutines(std::vector<straggler>& found) {
  wait_graph graph(&awaited_coroutine_of);
  id_map<straggler*> orphans;
  for (straggler& s : found)
    if (s.kind == task_kind::coroutine && s.verdict == verdict::orphaned) {
      graph.add(s.id, s);
      orphans[s.id] = &s;
    }
  if (orphans.empty()) return;
  for (const wait_cycle& cycle : graph.cycles())
    for (std::size_t i = 0; i < cycle.size(); ++i) call_deadlocked(**orphans.find(cycle[i]->id), cycle, i);
}

/// Judges the stragglers of one check.
///
/// The threads are looked at one after the other, so the facts about two threads may never have been true at the same time. They
/// were if no thread has run between its own look and a moment after all looks: only such cycles count.
class cycle_judge {
 public:
  using suspects_by_id = id_map<const suspect*>;

  /// `suspects` are those of the stragglers; other threads are looked at with so much effort.
  cycle_judge(const suspects_by_id& suspects, coroutine_inspector& coroutines, effort most)
      : suspects_(suspects), coroutines_(coroutines), most_(most) {}

  /// Sets verdict, reason and holders of those that wait in a cycle.
  void judge(std::vector<straggler>& found) {
    if (detail::none_of(found.begin(), found.end(), [](const straggler& s) { return awaited_thread_of(s).has_value(); })) return;
    wait_graph graph(&awaited_thread_of);
    for (const straggler& s : found)
      if (s.kind == task_kind::thread) graph.add(s.id, suspects_.find(s.id) ? s : look_at(static_cast<int>(s.id)));
    for (std::vector<std::uint64_t> missing = graph.missing(); !missing.empty(); missing = graph.missing())
      for (const std::uint64_t id : missing) graph.add(id, look_at(static_cast<int>(id)));
    for (const wait_cycle& cycle : graph.cycles()) {
      if (!detail::all_of(cycle.begin(), cycle.end(), [this](const straggler* s) { return is_still_parked(s->id); })) continue;
      for (std::size_t i = 0; i < cycle.size(); ++i) mark(found, cycle, i);
    }
  }

 private:
  struct other_thread {
    explicit other_thread(int tid) : looked_at(copy_thread(tid)) {}

    suspect looked_at;
    straggler told;
  };

  /// Describes a thread that is no straggler. A thread that cannot be looked at counts as waiting for nobody.
  const straggler& look_at(int tid) {
    const auto key = static_cast<std::uint64_t>(tid);
    if (const other_thread* const known = others_.find(key)) return known->told;
    other_thread& other = others_.add(key, tid);
    other.looked_at.has(facet::name);
    other.told = straggler(other.looked_at.shown());
    if (tid != current_tid() || is_frozen_copy())
      if (std::optional<straggler> told = other.looked_at.describe(coroutines_, most_)) other.told = std::move(*told);
    return other.told;
  }

  bool is_still_parked(std::uint64_t id) const {
    if (const suspect* const* const own = suspects_.find(id)) return (*own)->is_still_parked();
    const other_thread* const other = others_.find(id);
    return other && other->looked_at.is_still_parked();
  }

  static void mark(std::vector<straggler>& found, const wait_cycle& cycle, std::size_t i) {
    const auto same = detail::find_if(found.begin(), found.end(),
                                      [&](const straggler& s) { return s.kind == task_kind::thread && s.id == cycle[i]->id; });
    if (same != found.end()) call_deadlocked(*same, cycle, i);
  }

  const suspects_by_id& suspects_;
  coroutine_inspector& coroutines_;
  effort most_;
  id_map<other_thread> others_;  ///< by the kernel's id
};

}  // namespace taskleak::inline v0::detail

#endif
