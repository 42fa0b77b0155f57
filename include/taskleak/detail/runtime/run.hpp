// SPDX-License-Identifier: MIT
/// \file What an adapter calls: the run of a test program, its scopes, and where failures go.
#ifndef TASKLEAK_DETAIL_RUNTIME_RUN_HPP
#define TASKLEAK_DETAIL_RUNTIME_RUN_HPP

#include <taskleak/detail/main_requirements.hpp>
#include <taskleak/detail/registry/scope.hpp>
#include <taskleak/options.hpp>
#include <taskleak/report.hpp>

#include <string>

namespace taskleak::inline v0::detail {

/// A failure of a guard or of verify_none(), for the test framework to record.
struct failure {
  const char* file;
  unsigned line;
  std::string text;
};

/// Called on the thread whose guard failed, with no lock held; may throw what the framework throws for a failed assertion,
/// though not out of a guard's destructor.
using failure_sink = void (*)(const failure&);

/// Sends failures to a test framework; without a sink they go to stderr and the program ends with exit code 1.
void set_failure_sink(failure_sink sink) noexcept;

/// Begins the run: reads TASKLEAK_OPTIONS and the suppression files, remembers the tasks already alive, opens the program scope.
/// Bad input ends the program with exit code 2 and a message that names it. `help=1` prints the keys and ends it with 0.
void begin_run(const options& run_wide);

/// Makes no checks in this process, not even those of guards, which would begin a run by themselves.
void forgo_run() noexcept;

/// Ends the run: checks the program scope, prints what it left, the unused suppressions if asked for, and writes suppressions
/// if asked for. Returns the exit code: 1 if it was 0 and something was left behind.
int end_run(int exit_code);

/// Whether checks are to be made in this process: a run has begun, and this is not a forked child.
bool run_is_active() noexcept;

/// Opens a scope on the calling thread, below the one that is current there. Null when the run is not active.
scope* open_scope(scope_kind kind, const char* name);

/// Ends the scope: waits for its tasks to end, and returns those that did not. They count as reported from then on.
/// The run's own rules apply as well. A null scope gives an empty report.
report close_scope(scope* ended, const options& rules = {});

/// The text of a failure: what was wrong with the rules, and what was left behind. Empty when neither.
std::string failure_text(const report& found);

/// Ends the scope without a check; its tasks are charged to its parent.
void drop_scope(scope* ended) noexcept;

}  // namespace taskleak::inline v0::detail

#endif
