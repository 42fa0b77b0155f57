// SPDX-License-Identifier: MIT
/// \file Defines the run of a test program: begin, scopes, end. To be included in one source file of a program only.
#ifndef TASKLEAK_DETAIL_RUN_RUN_IMPL_HPP
#define TASKLEAK_DETAIL_RUN_RUN_IMPL_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/base/path.hpp>
#include <taskleak/detail/base/separator.hpp>
#include <taskleak/detail/filter/suppression_writer.hpp>
#include <taskleak/detail/platform/allocation_source.hpp>
#include <taskleak/detail/platform/program_name.hpp>
#include <taskleak/detail/platform/self_check.hpp>
#include <taskleak/detail/platform/without_cancellation.hpp>
#include <taskleak/detail/probe/coroutine/creation_stacks.hpp>
#include <taskleak/detail/registry/sampling.hpp>
#include <taskleak/detail/report/github/annotations.hpp>
#include <taskleak/detail/report/text/colours.hpp>
#include <taskleak/detail/report/text/markdown_format.hpp>
#include <taskleak/detail/report/text/summary.hpp>
#include <taskleak/detail/report/text/text_format.hpp>
#include <taskleak/detail/report/text/to_text.hpp>
#include <taskleak/detail/run/after_destructors.hpp>
#include <taskleak/detail/run/check.hpp>
#include <taskleak/detail/run/ends_of_process.hpp>
#include <taskleak/detail/run/exit_judgement.hpp>
#include <taskleak/detail/run/fail_at_exit.hpp>
#include <taskleak/detail/run/leaked_descriptors.hpp>
#include <taskleak/detail/run/question.hpp>
#include <taskleak/detail/run/run.hpp>
#include <taskleak/detail/run/run_state.hpp>
#include <taskleak/detail/run/scopes.hpp>
#include <taskleak/detail/run/second_look.hpp>
#include <taskleak/detail/run/step_summary.hpp>
#include <taskleak/detail/run/the_census.hpp>
#include <taskleak/detail/run/watch/watching.hpp>
#include <taskleak/detail/symbols/symbolizer.hpp>
#include <taskleak/detail/unwind/arch/arch.hpp>
#include <taskleak/detail/verdict/owner_doubt.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

inline void say(const std::string& line) { std::fprintf(stderr, "taskleak: %s\n", on_one_line(line).c_str()); }

/// Says the text unless it is empty.
inline void say_if_any(const char* line) {
  if (*line != '\0') say(line);
}

/// Writes each line of the text as say() does.
inline void say_lines(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    say(std::string(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

[[noreturn]] inline void end_for_bad_input(const std::vector<std::string>& errors) {
  for (const std::string& error : errors) say(error);
  std::fflush(nullptr);
  std::exit(2);
}

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

/// Returns the test around a scope, for a summary; the suite, the guard or the program if there is none.
inline std::string name_of_test(const scope* within) {
  const scope* named = within;
  for (const scope* s = within; s; s = s->parent)
    if (s->kind == scope_kind::test || (s->kind == scope_kind::suite && named->kind != scope_kind::test)) named = s;
  return named && named->name ? named->name : "the program";
}

/// Returns what to do about leaks: the check's own option decides, else the environment, else the option of the run.
inline leak_action action_of(const rule_set& own) {
  const run_state& run = the_run();
  if (own.on_leak()) return *own.on_leak();
  if (run.environment.on_leak) return *run.environment.on_leak;
  return run.rules.on_leak() ? *run.rules.on_leak() : leak_action::fail;
}

inline void add_rules_of_run(rule_set& rules) {
  run_state& run = the_run();
  rules.append(run.rules);
  rules.add(suppression_file{{}, run.libraries.refresh()});
  run.libraries.append_to(rules);
}

/// Makes a check with the run's rules added, and does with its result what the run does with every result.
inline report check_with_run(const question& asked, rule_set& rules) {
  run_state& run = the_run();
  add_rules_of_run(rules);
  check looks(run.environment.verdicts != verdict_action::off ? asked : asked.asked_with(0), rules);
  report found = looks.run();
  if (asked.settles) run.owned.add(looks.owned());
  if (run.writes_suppressions() && asked.settles) {
    const std::lock_guard lock(run.found_mutex);
    for (straggler& s : found.stragglers) {
      found.ignored.push_back({s.kind, s.id, s.name, "written to " + run.environment.write_suppressions, 1 + s.alike.ids.size()});
      run.found.push_back(std::move(s));
    }
    found.stragglers.clear();
  }
  if (const std::string note = symbol_note(); !note.empty() && !found.stragglers.empty()) found.notes.push_back(note);
  if (!found.stragglers.empty())
    if (const char* const doubt = doubt_about_owners.take()) found.notes.emplace_back(doubt);
  if (asked.settles) run.found_so_far.add(found, name_of_test(asked.within ? asked.within : charging_scope()));
  return found;
}

/// Returns the text of a failure: the errors in the rules, and what was left behind; empty when there is neither.
inline std::string failure_text(const report& found) { return found.clean() ? std::string() : to_text(found); }

inline outcome outcome_of(const report& found, leak_action action) {
  outcome made;
  made.text = failure_text(found);
  made.fails = !found.errors.empty() || (!found.stragglers.empty() && action == leak_action::fail);
  return made;
}

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

void set_failure_sink(failure_sink sink) noexcept { the_run().sink.store(sink, std::memory_order_release); }

void set_hang_sink(hang_sink sink) noexcept { the_run().sink_of_hangs.store(sink, std::memory_order_release); }

bool run_is_active() noexcept { return the_run().is_ours(); }

void begin_run(const options& run_wide) {
  run_state& run = the_run();
  run.pid = current_pid();
  first_working_directory();  // before a test changes it: the paths of reports are relative to it
  read_environment(run);
  read_rules(run, run_wide);
  run.found_so_far.clear();
  run.owned.clear();
  if (!run.environment.enabled) return;
  if (const char* defeat = interposition_defeat()) {
    say(defeat);
    the_thread_announcer.store_release(&explicit_announcer);
  }
  if (run.environment.coroutine_stacks) the_stack_keeper.store_release(&keeper_of_creation_stacks);
  if (const life_keeper* const keeper = run.outputs.lives()) keeper->switch_on(run.environment.coroutine_stacks);
  tell_of_threads_on_death();
  program_scope.opened_at = the_census.take_watermark();
  run.active.store(true, std::memory_order_release);
  say_if_any(begin_watch());
}

void tell_of_threads_at_death_tests() { watch_death_tests(); }

void fail_program_at_exit() noexcept { fail_at_exit(); }

void forgo_run() noexcept { the_run().pid = current_pid(); }  // as after a run that has ended

int end_run(int exit_code, program_sink sink) {
  run_state& run = the_run();
  if (!run.is_ours()) return exit_code;
  std::fflush(stdout);
  bool left_something = false;
  if (!the_census.nothing_younger_than(program_scope.opened_at)) {
    rule_set rules;
    report found = check_with_run(question::of_scope(program_scope).asked_with(stack_of_callers()), rules);
    found.scope = "the program";
    left_something = !found.stragglers.empty() && action_of({}) == leak_action::fail;
    if (!found.stragglers.empty()) {
      const std::string text = failure_text(found);
      if (left_something && sink) {
        say(headline(found));
        sink(text);
      } else {
        std::fprintf(stderr, "taskleak: %s%s", left_something ? "" : "warning: ", coloured_for(stderr, text).c_str());
      }
    }
    for (const std::string& error : rules.errors()) say(error);
    found.errors = rules.errors();
    keep_for_outputs(std::move(found), nullptr, 0, left_something);
  }
  if (!conclude(run)) left_something = true;
  if (left_something && exit_code == 0) exit_code = 1;
  if (exit_code != 0 && !the_census.nothing_younger_than(program_scope.opened_at)) {
    keep_exit_code_through_crashes(exit_code);
    take_abort_signal();
  }
  say_if_any(refusal_of_watch());
  end_watch_of_run(exit_code);
  run.active.store(false, std::memory_order_release);
  the_ended_scopes.end_of_run();
  return exit_code;
}

/// Returns how long a test may last; 0 for as long as it takes.
inline std::int64_t limit_of_tests() {
  const run_state& run = the_run();
  if (run.environment.fail_after) return run.environment.fail_after->count();
  return run.rules.fail_after() ? run.rules.fail_after()->count() : 0;
}

/// Returns how long the scope of a guard may last; 0 for as long as it takes.
inline std::int64_t limit_of_guard(const options& rules) noexcept {
  std::int64_t limit = 0;
  for (const option* o = rules.first(); o; o = o->next)
    if (o->kind == option_kind::fail_after) limit = o->wait_ns;
  return limit;
}

scope* open_scope(scope_kind kind, const char* name, const char* file, unsigned line) {
  const without_cancellation whole;
  if (!run_is_active()) return nullptr;
  scope* const opened = enter_scope(kind, name, file, line);
  note_progress();
  if (const life_keeper* const keeper = the_run().outputs.lives()) keeper->begin(*opened);
  say_if_any(refusal_of_watch());
  if (kind == scope_kind::test) opened->limit = begin_limit(*opened, limit_of_tests());
  if (kind == scope_kind::test && the_run().environment.leaked_fds) note_descriptors(*opened);
  return opened;
}

/// Says what has become of the tasks that a guard has reported in the test.
inline void look_again_after(const scope& test, std::uintptr_t stack_of_program) {
  run_state& run = the_run();
  if (test.kind != scope_kind::test || run.environment.verdicts == verdict_action::off) return;
  for (const std::string& line : look_again(run.found_so_far, name_of_test(&test), stack_of_program)) say(line);
}

/// Returns what is said of a scope that leaves nothing younger behind, and forgets the scope: no task, but maybe descriptors.
inline outcome end_without_tasks(scope* ended, const options& given) {
  outcome made;
  made.text = leaked_descriptors(*ended);
  if (!made.text.empty()) made.fails = action_of(rule_set(given, ended->name)) == leak_action::fail;
  forget_scope(ended);
  return made;
}

outcome close_scope(scope* ended, const options& given) {
  if (!ended) return {};
  const without_cancellation whole;
  if (!run_is_active()) {
    drop_scope(ended);
    return {};
  }
  end_limit(ended->limit);
  note_progress();
  if (const life_keeper* const keeper = the_run().outputs.lives()) keeper->end(*ended);
  look_again_after(*ended, stack_of_callers());
  if (!rule_set::act_without_tasks(given)) {
    leave_scope(ended);
    if (the_census.nothing_younger_than(ended->opened_at)) return end_without_tasks(ended, given);
  }
  rule_set rules(given, ended->name);
  rules.run_cleanups();
  leave_scope(ended);
  if (the_census.nothing_younger_than(ended->opened_at) && rules.errors().empty()) return end_without_tasks(ended, given);
  const leak_action action = action_of(rules);
  report found = check_with_run(question::of_scope(*ended).asked_with(stack_of_callers()), rules);
  found.scope = ended->name;
  if (!rules.errors().empty()) found.errors = rules.errors();
  const std::string descriptors = leaked_descriptors(*ended);  // once the tasks that may close them have been waited for
  outcome made = outcome_of(found, action);
  keep_for_outputs(std::move(found), ended->file, ended->line, made.fails);
  forget_scope(ended);
  if (descriptors.empty()) return made;
  made.text += (made.text.empty() ? "" : separator_line) + descriptors;
  made.fails = made.fails || action == leak_action::fail;
  return made;
}

void drop_scope(scope* ended) noexcept {
  if (!ended) return;
  end_limit(ended->limit);
  forget_descriptors(*ended);
  if (const life_keeper* const keeper = the_run().outputs.lives()) keeper->end(*ended);
  leave_scope(ended);
  forget_scope(ended);
}

/// Sends a failure or a warning to the test framework; without a framework writes it to stderr, with a note of earlier leaks, and
/// makes the program fail. Returns whether there was no failure.
inline bool tell(const char* file, unsigned line, outcome what, std::size_t reported_before) {
  if (what.text.empty()) return true;
  run_state& run = the_run();
  const bool fails = what.fails;
  if (const failure_sink sink = run.sink.load(std::memory_order_acquire)) {
    sink({file, line, std::move(what.text), fails});
    return !fails;
  }
  if (fails) what.text += still_alive_note(reported_before);
  std::fflush(stdout);
  std::fprintf(stderr, "%s:%u: %s\n%s\n", on_one_line(file).c_str(), line, fails ? "Failure" : "Warning",
               coloured_for(stderr, std::move(what.text)).c_str());
  if (fails && !run.failed_without_sink.exchange(true)) fail_at_exit();
  return !fails;
}

std::size_t owned_threads() noexcept { return run_is_active() ? the_run().owned.alive().size() : 0; }

std::size_t reported_so_far() noexcept { return the_run().found_so_far.size(); }

std::string still_alive_note(std::size_t reported_before) {
  if (reported_before == 0 || !run_is_active()) return {};
  return the_run().found_so_far.still_alive(reported_before);
}

/// Begins the run at the first guard, in a program whose framework has no adapter; a guard on another thread waits meanwhile.
inline bool begin_run_if_none() {
  run_state& run = the_run();
  static std::once_flag once;
  if (!run.active.load(std::memory_order_acquire) && !in_child_process())
    std::call_once(once, [&run] {
      if (run.pid.load(std::memory_order_relaxed) != 0) return;
      begin_run({});
      std::atexit(&conclude_at_exit);
    });
  return run.is_ours();
}

}  // namespace taskleak::inline v0::detail

#endif
