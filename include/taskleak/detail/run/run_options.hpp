// SPDX-License-Identifier: MIT
/// \file Reads what TASKLEAK_OPTIONS and the code ask of a run, and brings it into effect.
#ifndef TASKLEAK_DETAIL_RUN_RUN_OPTIONS_HPP
#define TASKLEAK_DETAIL_RUN_RUN_OPTIONS_HPP

#include <taskleak/detail/filter/rules.hpp>
#include <taskleak/detail/filter/suppression_writer.hpp>
#include <taskleak/detail/platform/allocation_source.hpp>
#include <taskleak/detail/probe/coroutine/creation_stacks.hpp>
#include <taskleak/detail/probe/coroutine/stack_keeper.hpp>
#include <taskleak/detail/registry/sampling.hpp>
#include <taskleak/detail/report/github/annotations.hpp>
#include <taskleak/detail/report/limits.hpp>
#include <taskleak/detail/run/environment.hpp>
#include <taskleak/detail/run/run_state.hpp>
#include <taskleak/detail/run/say.hpp>
#include <taskleak/options.hpp>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Brings into effect what TASKLEAK_OPTIONS says of what is kept and shown.
inline void apply(const environment_options& asked) {
  sample_one_in.store_relaxed(asked.sample.one_in);
  if (const allocation_source* const source = find_allocation_source(); source && asked.verdicts == verdict_action::full)
    source->begin();
  shown_limits().frames = asked.max_frames;
  shown_limits().stragglers = asked.max_stragglers;
  shown_limits().all_frames = asked.all_frames;
  if (asked.all_frames) shown_limits().line = std::numeric_limits<std::size_t>::max();
}

/// Brings it into effect before main(), for programs in which no run begins: for what is kept of tasks it would be too late
/// later. Mistakes are said by the run, or by the first look at the program.
inline void apply_options_early() {
  const char* const text = std::getenv("TASKLEAK_OPTIONS");
  if (!text || *text == '\0') return;
  const environment_options asked = parse_environment(text);
  apply(asked);
  if (asked.coroutine_stacks) the_stack_keeper.store_release(&keeper_of_creation_stacks);
}

/// Reads TASKLEAK_OPTIONS; after a mistake prints the errors and ends the program.
inline void read_environment(run_state& run) {
  const char* text = std::getenv("TASKLEAK_OPTIONS");
  run.environment = parse_environment(text ? text : "");
  std::vector<std::string>& errors = run.environment.errors;
  for (std::string& error : run.outputs.open(run.environment.outputs.all())) errors.push_back(std::move(error));
  if (run.environment.annotations && is_on_github()) run.outputs.add_unless_asked_for(github_format);
  if (!errors.empty()) end_for_bad_input(errors);
  if (run.environment.help) {
    std::fputs(environment_help().c_str(), stdout);
    std::exit(0);
  }
  apply(run.environment);
}

/// Reads the rules of the run: first the rules of the code, then those of the environment.
inline void read_rules(run_state& run, const options& run_wide) {
  run.rules = rule_set(run_wide, "verify_test_main()");
  for (const std::string& path : run.environment.suppressions) run.rules.add_file(path);
  run.rules.ignore_known_pools(run.environment.known_pools == pool_action::ignore);
  run.rules.treat_statics(run.environment.statics);
  run.rules.add(suppression_file{{}, run.libraries.refresh()});
  std::vector<std::string> errors = run.rules.errors();
  if (run.environment.enabled && run.writes_suppressions())
    for (std::string& error : errors_of_file_to_write(run.environment.write_suppressions)) errors.push_back(std::move(error));
  if (!errors.empty()) end_for_bad_input(errors);
  if (run.environment.wait_up_to && !run.rules.wait()) run.rules.append(rule_set(wait_up_to(*run.environment.wait_up_to)));
}

/// Returns what to do about leaks: the check's own option decides, else the environment, else the option of the run.
inline leak_action action_of(const rule_set& own) {
  const run_state& run = the_run();
  if (own.on_leak()) return *own.on_leak();
  if (run.environment.on_leak) return *run.environment.on_leak;
  return run.rules.on_leak() ? *run.rules.on_leak() : leak_action::fail;
}

}  // namespace taskleak::inline v0::detail

#endif
