// SPDX-License-Identifier: MIT
/// \file Writes the lives of all tasks as trace events, which Perfetto and chrome://tracing draw, by nlohmann-json. Included in
/// one source file of a program, it brings `format=trace`.
#ifndef TASKLEAK_TRACE_HPP
#define TASKLEAK_TRACE_HPP

#include <taskleak/detail/base/requirements.hpp>
#include <taskleak/detail/report/json/values.hpp>
#include <taskleak/detail/report/trace/events.hpp>
#include <taskleak/detail/run/lives.hpp>
#include <taskleak/format.hpp>
#include <taskleak/report.hpp>

#include <string>

namespace taskleak::inline v0 {

/// Returns a JSON object of trace events: a row for the tests, and for each test a group of rows, one for each of its threads,
/// with its coroutines. Tasks that were left behind say so, and which verdict they have.
///
/// The run has to have lives: a report alone has none.
inline std::string to_trace(const run_report& run, const report_limits& = {}) {
  detail::trace_events events(run);
  const detail::json_value made = {{"displayTimeUnit", "ms"},
                                   {"otherData", {{"program", detail::text_value(run.program)}, {"lives_lost", run.lives_lost}}},
                                   {"traceEvents", events.take()}};
  return made.dump(1) + '\n';
}

/// Brings `format=trace`.
inline const output_format trace_format("trace",
                                        [](const run_report& run, const report_limits& limits) { return to_trace(run, limits); },
                                        {.lives = &detail::keeper_of_tests_and_tasks});

}  // namespace taskleak::inline v0

#endif
