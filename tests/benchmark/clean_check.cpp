// SPDX-License-Identifier: MIT
/// \file A guard that finds nothing, with tasks older than it around; the peer looks at every thread, as a checker without a
/// watermark has to.
#include <taskleak/detail/registry/current.hpp>
#include <taskleak/detail/registry/registry.hpp>
#include <taskleak/guard.hpp>

#include "compare.hpp"
#include "parked_threads.hpp"

#include <memory>
#include <string>

#include <dirent.h>

namespace {

namespace detail = taskleak::detail;

/// The names in /proc/self/task: the least that such a checker reads.
void list_threads() {
  DIR* const directory = opendir("/proc/self/task");
  if (!directory) return;
  std::size_t count = 0;
  while (readdir(directory)) ++count;
  closedir(directory);
  benchmark::DoNotOptimize(count);
}

void clean_guard() { const taskleak::guard guard; }

void guard_with_rules() {
  const taskleak::guard guard(taskleak::ignore_name("logger"), taskleak::ignore_any_function("pool::run"),
                              taskleak::ignore_created_by("service::start"));
}

void guard_and_listing(benchmark::State& state, void (*one_guard)() = &clean_guard) {
  // a batch of a few hundred microseconds, whatever is listed
  const auto few = static_cast<std::size_t>(state.range(0) > 100 ? 1 : 100);
  const auto peer = [few] {
    for (std::size_t i = 0; i < few; ++i) list_threads();
  };
  const auto ours = [one_guard] {
    for (std::size_t i = 0; i < 100; ++i) one_guard();
  };
  compare(state, 1, peer, ours);
  const double per_peer = state.counters["peer"] / static_cast<double>(few), per_own = state.counters["ours"] / 100;
  state.counters["peer"] = per_peer;
  state.counters["ours"] = per_own;
  state.counters["ratio"] = per_own / per_peer;
}

void clean_check_threads(benchmark::State& state) {
  const parked_threads ignored(static_cast<std::size_t>(state.range(0)));
  if (ignored.count() != static_cast<std::size_t>(state.range(0))) {
    state.SkipWithError(("the system allows only " + std::to_string(ignored.count()) + " threads").c_str());
    return;
  }
  guard_and_listing(state);
}

BENCHMARK(clean_check_threads)->ArgName("parked")->Arg(0)->Arg(10)->Arg(100)->Arg(1000)->Arg(10000)->Iterations(500);

/// A guard with three rules, of a name, of a stack and of a creation stack, that finds nothing it has to ask them about.
void clean_check_with_rules(benchmark::State& state) {
  const parked_threads ignored(static_cast<std::size_t>(state.range(0)));
  guard_and_listing(state, &guard_with_rules);
}

BENCHMARK(clean_check_with_rules)->ArgName("parked")->Arg(0)->Arg(1000)->Iterations(500);

/// Puts nodes into the registry as threads put theirs; no thread stands behind them, so a listing shows none of them.
void clean_check_tasks(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const auto nodes = std::make_unique<detail::task_node[]>(count);
  for (std::size_t i = 0; i < count; ++i) detail::the_registry.add(nodes[i], detail::shard_hint());
  guard_and_listing(state);
  for (std::size_t i = 0; i < count; ++i) detail::the_registry.remove(nodes[i]);
}

BENCHMARK(clean_check_tasks)->ArgName("nodes")->Arg(0)->Arg(10000)->Arg(100000)->Iterations(500);

}  // namespace
