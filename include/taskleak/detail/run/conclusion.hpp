// SPDX-License-Identifier: MIT
/// \file Says and writes at the end of a run what the run has found, and judges after static destruction what is left.
#ifndef TASKLEAK_DETAIL_RUN_CONCLUSION_HPP
#define TASKLEAK_DETAIL_RUN_CONCLUSION_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/base/path.hpp>
#include <taskleak/detail/filter/rules.hpp>
#include <taskleak/detail/filter/suppression_writer.hpp>
#include <taskleak/detail/platform/child_process.hpp>
#include <taskleak/detail/platform/program_name.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/platform/without_cancellation.hpp>
#include <taskleak/detail/probe/thread/live_thread.hpp>
#include <taskleak/detail/report/text/summary.hpp>
#include <taskleak/detail/report/text/to_text.hpp>
#include <taskleak/detail/run/after_destructors.hpp>
#include <taskleak/detail/run/check.hpp>
#include <taskleak/detail/run/exit_judgement.hpp>
#include <taskleak/detail/run/fail_at_exit.hpp>
#include <taskleak/detail/run/outputs.hpp>
#include <taskleak/detail/run/run_options.hpp>
#include <taskleak/detail/run/run_state.hpp>
#include <taskleak/detail/run/say.hpp>
#include <taskleak/detail/run/step_summary.hpp>
#include <taskleak/report.hpp>

#include <fmt/core.h>

#include <atomic>
#include <cstddef>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Keeps a report for the formats of the whole run: with the place of its scope, and what came of it.
inline void keep_for_outputs(report&& found, const char* file, unsigned line, bool fails) {
  run_outputs& outputs = the_run().outputs;
  if (!outputs.any()) return;
  if (file) found.file = shorten_path(file);
  found.line = line;
  found.fails = fails;
  outputs.keep(std::move(found));
}

/// Writes the formats of the whole run; returns false, and says why, where one cannot be written.
inline bool write_outputs() {
  const std::vector<std::string> errors = the_run().outputs.write();
  for (const std::string& error : errors) say(error);
  return errors.empty();
}

/// Writes what became of the threads that static objects owned, and returns the exit code of the program.
inline int judge_owned_threads(int exit_code) {
  run_state& run = the_run();
  if (in_child_process() || run.pid.load(std::memory_order_relaxed) != current_pid()) return exit_code;
  const without_cancellation whole;
  exit_judgement judgement(run.owned);
  judgement.judge(run.rules.wait().value_or(check::default_wait).count());
  for (const std::string& line : run.owned.in_words(judgement.owned())) say(line + ", still alive after static destruction");
  report lost = judgement.describe_lost();
  if (lost.stragglers.empty()) return exit_code;
  const bool fails = action_of({}) == leak_action::fail;
  say_lines((fails ? "" : "warning: ") + to_text(lost));
  keep_for_outputs(std::move(lost), nullptr, 0, fails);
  write_outputs();
  return fails && exit_code == 0 ? 1 : exit_code;
}

/// Writes which threads static objects own at the end of the run, and has them judged after static destruction.
inline void leave_owned_to_judgement(run_state& run) {
  const light_vector<live_thread> alive = run.owned.alive();
  for (const std::string& line : run.owned.in_words(alive)) say(line + ", judged at exit");
  if (!alive.empty()) after_destructors.store_release(&judge_owned_threads);
}

/// Writes the summary of what the run left and ignored; writes nothing if there is neither.
inline void sum_up(const run_state& run) {
  const light_vector<creator_summary> creators = run.found_so_far.by_creator();
  const std::string ignored = ignored_summary(run.found_so_far.ignored());
  if (creators.empty() && ignored.empty()) return;
  if (!creators.empty()) {
    std::size_t threads = 0;
    std::size_t coroutines = 0;
    for (const creator_summary& one : creators) {
      threads += one.threads;
      coroutines += one.coroutines;
    }
    say(fmt::format("summary: {} outlived {}{}", count_in_words(threads, coroutines),
                    threads + coroutines == 1 ? "its test" : "their tests",
                    action_of({}) == leak_action::warn ? "; on_leak=warn fails nothing" : ""));
    for (const std::string& line : summary_lines(creators)) say("  " + line);
    for (const std::string& line : run.found_so_far.wrong_orphans()) say(line);
  }
  if (!ignored.empty()) say(ignored);
  const std::string markdown = summary_markdown(program_name(), creators, ignored);
  if (const std::string error = append_to_step_summary(markdown); !error.empty()) say(error);
}

/// Writes what there is to write at the end of a run, and the suppressions, and leaves threads to the judgement at exit. Returns
/// false when the suppressions or the formats that are asked for cannot be written.
inline bool conclude(run_state& run) {
  leave_owned_to_judgement(run);
  sum_up(run);
  if (run.environment.unused_suppressions)
    for (const std::string& line : run.rules.unused()) say(line);
  const bool are_written = write_outputs();
  if (!run.writes_suppressions()) return are_written;
  std::vector<straggler> found;
  {
    const std::lock_guard lock(run.found_mutex);
    found.swap(run.found);
  }
  const written_suppressions written = write_suppressions(run.environment.write_suppressions, found);
  for (const std::string& error : written.errors) say(error);
  if (written.errors.empty())
    say(fmt::format("{} rule{} added to {}", written.added, written.added == 1 ? "" : "s", run.environment.write_suppressions));
  return written.errors.empty() && are_written;
}

/// Ends the run at exit, where no adapter ends it.
inline void conclude_at_exit() {
  if (the_run().is_ours() && !in_child_process() && !conclude(the_run())) fail_at_exit();
}

}  // namespace taskleak::inline v0::detail

#endif
