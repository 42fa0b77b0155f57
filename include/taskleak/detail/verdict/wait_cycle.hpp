// SPDX-License-Identifier: MIT
/// \file Puts a cycle of tasks that wait for each other into words.
#ifndef TASKLEAK_DETAIL_VERDICT_WAIT_CYCLE_HPP
#define TASKLEAK_DETAIL_VERDICT_WAIT_CYCLE_HPP

#include <taskleak/detail/inspect/wait_words.hpp>
#include <taskleak/detail/symbols/plumbing.hpp>
#include <taskleak/detail/symbols/shorten.hpp>
#include <taskleak/report.hpp>

#include <fmt/core.h>

#include <cstddef>
#include <string>
#include <vector>

namespace taskleak::inline v0::detail {

/// Lists tasks of one kind of which each waits for the next, and the last one for the first.
using wait_cycle = std::vector<const straggler*>;

/// Returns `a cycle of 2 threads`, or `it waits for a lock that it holds itself`.
inline std::string reason_of(const wait_cycle& cycle) {
  if (cycle.size() > 1) return fmt::format("a cycle of {} {}s", cycle.size(), to_string(cycle.front()->kind));
  if (cycle.front()->kind == task_kind::coroutine) return "it awaits itself";
  return cycle.front()->state == state::join ? "it joins itself" : "it waits for a lock that it holds itself";
}

/// Returns the task as the sentence of an edge names it.
inline std::string name_in_cycle(const straggler& s) {
  constexpr std::size_t most = 60;  // two names and a place make a line
  if (s.kind == task_kind::coroutine) return fmt::format("coroutine {} {}", s.id, shorten_name(s.name, most));
  return s.is_main ? s.name : thread_in_words(s.id, s.name);
}

/// Returns `thread 7 "a" waits on std::mutex 0x55a0 in flush() src/log.cpp:41, held by thread 8 "b"`, or `coroutine 3 get(int)
/// awaits coroutine 4 put(int), suspended at src/store.cpp:18`.
inline std::string edge_in_words(const straggler& from, const straggler& to) {
  std::string words = name_in_cycle(from);
  if (from.kind == task_kind::coroutine)
    return words.append(" awaits ").append(name_in_cycle(to)).append(", ").append(from.state_text);
  const bool is_join = from.state == state::join;
  words += is_join ? " joins" : fmt::format(" waits on {} {:#x}", from.waits_on.kind, from.waits_on.address);
  if (is_join) words.append(1, ' ').append(name_in_cycle(to));
  if (const frame* const f = first_shown(from.stack)) words += place_in_words(*f);
  if (!is_join) words.append(", held by ").append(name_in_cycle(to));
  return words;
}

/// Returns the edges of the cycle in words, beginning with the edge of the thread at `first`.
inline std::vector<std::string> edges_of(const wait_cycle& cycle, std::size_t first) {
  std::vector<std::string> edges;
  for (std::size_t i = first; i < first + cycle.size(); ++i)
    edges.push_back(edge_in_words(*cycle[i % cycle.size()], *cycle[(i + 1) % cycle.size()]));
  return edges;
}

}  // namespace taskleak::inline v0::detail

#endif
