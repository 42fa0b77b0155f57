// SPDX-License-Identifier: MIT
/// \file Writes reports as SARIF 2.1.0, by nlohmann-json. Included in one source file of a program, it brings `format=sarif`.
#ifndef TASKLEAK_SARIF_HPP
#define TASKLEAK_SARIF_HPP

#include <taskleak/detail/base/requirements.hpp>
#include <taskleak/detail/report/findings.hpp>
#include <taskleak/detail/report/json/values.hpp>
#include <taskleak/detail/report/sarif/values.hpp>
#include <taskleak/detail/report/version_text.hpp>
#include <taskleak/format.hpp>
#include <taskleak/report.hpp>

#include <string>

namespace taskleak::inline v0 {

/// Returns a SARIF file of one run: a result for each line that created what was left, and for each hang, with the stacks of the
/// first task. Paths are relative to GITHUB_WORKSPACE or CI_PROJECT_DIR where one is set, or else to the working directory.
inline std::string to_sarif(const run_report& run, const report_limits& limits = {}) {
  const std::string root = detail::root_of_sources();
  detail::json_value invocation = {{"executionSuccessful", true}};
  if (run.pid != 0) invocation["processId"] = run.pid;
  detail::json_value notes = detail::json_value::array();
  for (const report& found : run.reports)
    for (const std::string& note : found.notes) notes.push_back({{"level", "note"}, {"message", detail::message_value(note)}});
  if (!notes.empty()) invocation["toolExecutionNotifications"] = std::move(notes);
  detail::json_value made = {
      {"tool",
       {{"driver",
         {{"name", "taskleak"},
          {"version", detail::version_text()},
          {"semanticVersion", detail::version_text()},
          {"rules", detail::rules_value()}}}}},
      {"invocations", {invocation}},
      {"originalUriBaseIds", {{"SRCROOT", {{"uri", detail::uri_of(root.ends_with('/') ? root : root + '/')}}}}},
      {"columnKind", "utf16CodeUnits"},
      {"results", detail::array_value(detail::findings_of(run), [&](const detail::finding& f) {
         return detail::result_value(f, run.program, root, limits);
       })}};
  if (!run.program.empty()) made["automationDetails"] = {{"id", "taskleak/" + detail::uri_of(run.program) + '/'}};
  const detail::json_value file = {
      {"$schema", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"},
      {"version", "2.1.0"},
      {"runs", {made}}};
  return file.dump(1) + '\n';
}

inline std::string to_sarif(const report& found, const report_limits& limits = {}) { return to_sarif(run_of(found), limits); }

/// Brings `format=sarif`.
inline const output_format sarif_format("sarif",
                                        [](const run_report& run, const report_limits& limits) { return to_sarif(run, limits); });

}  // namespace taskleak::inline v0

#endif
