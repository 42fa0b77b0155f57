// SPDX-License-Identifier: MIT
/// \file Defines the run of a test program: begin, scopes, end. To be included in one source file of a program only.
#ifndef TASKLEAK_DETAIL_RUN_RUN_IMPL_HPP
#define TASKLEAK_DETAIL_RUN_RUN_IMPL_HPP

#include <taskleak/detail/base/path.hpp>
#include <taskleak/detail/base/separator.hpp>
#include <taskleak/detail/platform/self_check.hpp>
#include <taskleak/detail/platform/without_cancellation.hpp>
#include <taskleak/detail/probe/coroutine/creation_stacks.hpp>
#include <taskleak/detail/report/text/colours.hpp>
#include <taskleak/detail/report/text/markdown_format.hpp>
#include <taskleak/detail/report/text/summary.hpp>
#include <taskleak/detail/report/text/text_format.hpp>
#include <taskleak/detail/report/text/to_text.hpp>
#include <taskleak/detail/run/check.hpp>
#include <taskleak/detail/run/conclusion.hpp>
#include <taskleak/detail/run/ends_of_process.hpp>
#include <taskleak/detail/run/fail_at_exit.hpp>
#include <taskleak/detail/run/leaked_descriptors.hpp>
#include <taskleak/detail/run/question.hpp>
#include <taskleak/detail/run/run.hpp>
#include <taskleak/detail/run/run_options.hpp>
#include <taskleak/detail/run/run_state.hpp>
#include <taskleak/detail/run/say.hpp>
#include <taskleak/detail/run/scopes.hpp>
#include <taskleak/detail/run/second_look.hpp>
#include <taskleak/detail/run/the_census.hpp>
#include <taskleak/detail/run/watch/watching.hpp>
#include <taskleak/detail/symbols/symbolizer.hpp>
#include <taskleak/detail/unwind/arch/arch.hpp>
#include <taskleak/detail/verdict/owner_doubt.hpp>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <utility>

namespace taskleak::inline v0::detail {

/// Returns the test around a scope, for a summary; the suite, the guard or the program if there is none.
inline std::string name_of_test(const scope* within) {
  const scope* named = within;
  for (const scope* s = within; s; s = s->parent)
    if (s->kind == scope_kind::test || (s->kind == scope_kind::suite && named->kind != scope_kind::test)) named = s;
  return named && named->name ? named->name : "the program";
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
  if (test.kind != scope_kind::test || !run.found_so_far.has_held_by_caller()) return;
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
