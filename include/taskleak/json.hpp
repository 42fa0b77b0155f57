// SPDX-License-Identifier: MIT
/// \file Writes reports as JSON, by nlohmann-json. Included in one source file of a program, it brings `format=json`.
///
/// docs/report.schema.json describes what is written; docs/reports.md says how to come by it.
#ifndef TASKLEAK_JSON_HPP
#define TASKLEAK_JSON_HPP

#include <taskleak/detail/base/requirements.hpp>
#include <taskleak/detail/report/json/values.hpp>
#include <taskleak/detail/report/version_text.hpp>
#include <taskleak/format.hpp>
#include <taskleak/report.hpp>

#include <string>

namespace taskleak::inline v0 {

/// Returns everything that a run has found, as docs/report.schema.json describes it. Nothing is cut: of the limits only
/// `all_frames` matters, for which stragglers are one group.
inline std::string to_json(const run_report& run, const report_limits& limits = {}) {
  const detail::json_value made = {{"schema_version", 1},
                                   {"tool", {{"name", "taskleak"}, {"version", detail::version_text()}}},
                                   {"program", detail::text_value(run.program)},
                                   {"pid", run.pid},
                                   {"reports", detail::array_value(run.reports, [&](const report& found) {
                                      return detail::to_value(found, limits.all_frames);
                                    })}};
  return made.dump(1) + '\n';
}

/// Returns one report, as a run that has no other.
inline std::string to_json(const report& found, const report_limits& limits = {}) { return to_json(run_of(found), limits); }

/// Brings `format=json`.
inline const output_format json_format("json",
                                       [](const run_report& run, const report_limits& limits) { return to_json(run, limits); });

}  // namespace taskleak::inline v0

#endif
