// SPDX-License-Identifier: MIT
/// \file Defines the looks at a program that goes on as ordinary functions: taskleak/runtime.hpp includes this file, and no other
/// header does.
#ifndef TASKLEAK_DETAIL_RUN_LOOK_AT_PROGRAM_IMPL_HPP
#define TASKLEAK_DETAIL_RUN_LOOK_AT_PROGRAM_IMPL_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/filter/rules.hpp>
#include <taskleak/detail/inspect/await_graph.hpp>
#include <taskleak/detail/inspect/facet.hpp>
#include <taskleak/detail/inspect/inspect.hpp>
#include <taskleak/detail/inspect/inspect_coroutine.hpp>
#include <taskleak/detail/platform/child_process.hpp>
#include <taskleak/detail/platform/program_name.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/platform/without_cancellation.hpp>
#include <taskleak/detail/probe/coroutine/table.hpp>
#include <taskleak/detail/probe/kernel/kernel_threads.hpp>
#include <taskleak/detail/probe/thread/live_thread.hpp>
#include <taskleak/detail/registry/registry.hpp>
#include <taskleak/detail/report/text/to_text.hpp>
#include <taskleak/detail/run/check.hpp>
#include <taskleak/detail/run/coroutine_suspects.hpp>
#include <taskleak/detail/run/environment.hpp>
#include <taskleak/detail/run/look_at_program.hpp>
#include <taskleak/detail/run/question.hpp>
#include <taskleak/detail/run/run_impl.hpp>
#include <taskleak/detail/run/run_state.hpp>
#include <taskleak/detail/run/scopes.hpp>
#include <taskleak/detail/run/suspect_list.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace taskleak::inline v0 {

namespace detail {

/// Says once what is wrong in TASKLEAK_OPTIONS, unless a run has said it and ended the program.
inline void say_mistakes_in_options() {
  static const bool said = [] {
    const char* const text = the_run().pid.load(std::memory_order_relaxed) == 0 ? std::getenv("TASKLEAK_OPTIONS") : nullptr;
    for (const std::string& error : parse_environment(text ? text : "").errors) say(error);
    return true;
  }();
  static_cast<void>(said);
}

/// Returns the text by which tasks in this state are counted: one for all coroutines that are suspended, wherever that is.
inline std::string counted_state(const straggler& s) { return s.state == state::labelled ? s.state_text : to_string(s.state); }

/// Counts the threads, announced or not.
inline void count_threads(task_counts& counts) {
  kernel_threads().refresh();
  light_vector<live_thread> threads = copy_threads_younger_than(0, [](const thread_record& r) {
    return !is_of_taskleak(r.charged_to) && (r.events.load_acquire() & thread_event::over) != thread_event::over;
  });
  light_vector<live_thread> newcomers;
  kernel_threads().copy_younger_than(0, true, threads, newcomers);
  for (const live_thread& t : threads) {
    suspect one(t);
    one.allow(effort::undisturbed);
    const bool is_known = one.has(facet::parked);
    if (!is_known && one.is_gone()) continue;
    ++counts.by_state[{task_kind::thread, is_known ? counted_state(one.shown()) : to_string(state::running)}];
  }
}

/// Counts the coroutines as a report does: a library's own that are part of a user's are none.
inline void count_coroutines(task_counts& counts) {
  rule_set no_rules;
  question asked = question::of_find();
  asked.folds = true;
  check_context context{asked, no_rules, {}, {}};
  coroutine_suspects list(context);
  list.collect();
  if (list.empty()) return;
  const await_graph graph = list.graph();
  coroutine_inspector inspector(graph);
  list.describe(graph, inspector);
  list.report_those_still_there();
  for (const straggler& s : context.result.stragglers)
    counts.by_state[{task_kind::coroutine, counted_state(s)}] += 1 + s.alike.ids.size();
}

/// Makes a number that only grows of one that may seem smaller for a moment.
inline std::uint64_t grown(light_atomic<std::uint64_t>& greatest, std::uint64_t now) noexcept {
  std::uint64_t before = greatest.load_relaxed();
  while (before < now && !greatest.compare_exchange(before, now)) {
  }
  return std::max(before, now);
}

/// Counts those created and finished, where `size()` tells how many are alive and `births()` how many were ever born.
template <class Size, class Births>
task_counts::of_kind count_lives(Size&& size, Births&& births) {
  static constinit light_atomic<std::uint64_t> created{0};
  static constinit light_atomic<std::uint64_t> finished{0};
  std::uint64_t alive = 0;
  look_between(births, [&] { alive = size(); });
  const std::uint64_t born = births();
  const std::uint64_t over = grown(finished, born - std::min(alive, born));
  return {std::max(over, grown(created, born)), over};
}

}  // namespace detail

namespace TASKLEAK_SHARED the_main_line_is_missing {

report look_at_program(std::uintptr_t stack_of_program) {
  using namespace detail;
  const without_cancellation whole;
  if (in_child_process()) return {};
  say_mistakes_in_options();
  rule_set at_once(wait_up_to(std::chrono::nanoseconds(0)));
  question asked = question::of_find();
  asked.has_main = true;
  return check(asked.asked_with(stack_of_program), at_once).run();
}

detail::task_counts count_tasks_by_state() {
  using namespace detail;
  const without_cancellation whole;
  task_counts counts;
  if (in_child_process()) return counts;
  say_mistakes_in_options();
  const reading_scopes reading;
  count_threads(counts);
  count_coroutines(counts);
  counts.threads = count_lives([] { return the_registry.size(); }, [] { return the_registry.births_of_program(); });
  counts.coroutines = count_lives([] { return all_coroutines.size(); }, [] { return all_coroutines.births(); });
  return counts;
}

std::string text_of_tasks(const report& found, const report_limits& limits) { return detail::dump_text(found, limits); }

std::string text_of_group(const straggler_group& group, const report_limits& limits) {
  std::string text;
  detail::append_block(text, group, limits);
  return text;
}

std::string name_of_program() { return detail::program_name(); }

bool is_child_process() noexcept { return detail::in_child_process(); }

}  // namespace the_main_line_is_missing

}  // namespace taskleak::inline v0

#endif
