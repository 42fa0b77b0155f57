// SPDX-License-Identifier: MIT
/// \file Declares what an adapter calls: the run of a test program, its scopes, and where failures go.
#ifndef TASKLEAK_DETAIL_RUN_RUN_HPP
#define TASKLEAK_DETAIL_RUN_RUN_HPP

#include <taskleak/detail/registry/scope.hpp>
#include <taskleak/detail/run/main_requirements.hpp>
#include <taskleak/options.hpp>
#include <taskleak/report.hpp>

#include <cstddef>
#include <string>

namespace taskleak::inline v0::detail {

/// Describes a failure of a guard or of verify_none(), for the test framework to record.
struct failure {
  const char* file;
  unsigned line;
  std::string text;
  bool fails = true;  ///< false under on_leak(warn): a warning that fails nothing
};

/// Holds the result of a check of a test or a suite.
struct outcome {
  std::string text;    ///< the errors in the rules, and what was left behind; empty when there is neither
  bool fails = false;  ///< false without a text, and for a warning under on_leak(warn)
};

/// Takes a failure, on the thread whose guard failed, with no lock held. May throw what the framework throws for a failed
/// assertion, though not out of a guard's destructor.
using failure_sink = void (*)(const failure&);

/// Sends failures to a test framework; without a sink they go to stderr and the program ends with exit code 1.
void set_failure_sink(failure_sink sink) noexcept;

/// Records that the running test hangs, and writes what the framework writes at the end of a run. Called on a copy of the process
/// that ends afterwards, with the interrupted test still on the stack. Where the framework has not come to its end on one copy,
/// the function is called on another one, and asks nothing of the framework. Without such a function, or where it returns false,
/// the text goes to stderr.
using hang_sink = bool (*)(const failure&, bool by_framework);
void set_hang_sink(hang_sink sink) noexcept;

/// Begins the run: reads TASKLEAK_OPTIONS and the suppression files, remembers the tasks already alive, opens the program scope.
/// Bad input ends the program with exit code 2 and a message that names the mistake. `help=1` prints the keys and ends the
/// program with exit code 0.
void begin_run(const options& run_wide);

/// Has the threads told that are alive when a death test forks, once in a run.
void tell_of_threads_at_death_tests();

/// Switches all checks of this process off, also those of guards, which would begin a run by themselves.
void forgo_run() noexcept;

/// Makes the exit code 1 where it would be 0, for a framework that has no place to change it.
void fail_program_at_exit() noexcept;

/// Ends the run: checks the program scope, prints what was left in it, prints the unused suppressions if asked for, and writes
/// suppressions if asked for. Returns the exit code: 1 if the code was 0 and something was left behind.
///
/// A failure of the program scope goes to the sink as well, if there is one: for a framework that can still record the failure.
using program_sink = void (*)(const std::string& text);
int end_run(int exit_code, program_sink sink = nullptr);

/// Whether this process makes checks: a run has begun, and the process is not a forked child.
bool run_is_active() noexcept;

/// Opens a scope on the calling thread, within the thread's current scope. Returns null when the run is not active. `file` has to
/// live as long as the scope.
scope* open_scope(scope_kind kind, const char* name, const char* file = nullptr, unsigned line = 0);

/// Ends the scope: waits for its tasks to end, and describes those that do not, which count as reported from then on.
/// The run's own rules apply as well. A null scope gives an empty outcome.
outcome close_scope(scope* ended, const options& rules = {});

/// Returns how many threads are alive that static objects own, by the checks of this run.
std::size_t owned_threads() noexcept;

/// Returns how many tasks the checks of this run have reported so far.
std::size_t reported_so_far() noexcept;

/// Returns a note for a test that fails: the tasks that earlier tests left and that are still alive, a few lines at most, each as
/// it is now; empty when there is none. `reported_before` is what reported_so_far() returned at the test's start.
std::string still_alive_note(std::size_t reported_before);

/// Ends the scope without a check; its tasks are charged to its parent.
void drop_scope(scope* ended) noexcept;

}  // namespace taskleak::inline v0::detail

#endif
