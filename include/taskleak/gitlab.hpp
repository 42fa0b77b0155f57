// SPDX-License-Identifier: MIT
/// \file Writes reports as GitLab shows them in a merge request, by nlohmann-json. Included in one source file of a program, it
/// brings `format=gitlab`.
#ifndef TASKLEAK_GITLAB_HPP
#define TASKLEAK_GITLAB_HPP

#include <taskleak/detail/base/requirements.hpp>
#include <taskleak/detail/report/findings.hpp>
#include <taskleak/detail/report/json/values.hpp>
#include <taskleak/format.hpp>
#include <taskleak/report.hpp>

#include <map>
#include <string>

namespace taskleak::inline v0 {

/// Returns a report of code quality (docs.gitlab.com, "Import code quality results from a CI/CD job"): one entry for each line
/// that created what was left. Paths are relative to CI_PROJECT_DIR where it is set, or else to the working directory.
inline std::string to_gitlab(const run_report& run, const report_limits& = {}) {
  detail::json_value made = detail::json_value::array();
  const std::string root = detail::root_of_sources();
  std::map<std::string, unsigned> times;
  for (const detail::finding& one : detail::findings_of(run)) {
    std::string id = one.fingerprint();
    // why: of two entries with one fingerprint GitLab shows the first only
    if (const unsigned n = times[id]++; n > 0) id += '-' + std::to_string(n);
    const std::string& file = one.file.empty() ? run.program : one.file;
    std::string text = one.title();
    if (const std::string more = one.text(); !more.empty() && more != text) text.append("\n").append(more);
    made.push_back({{"description", detail::lines_value(text, "; ")},
                    {"check_name", "taskleak-" + one.rule()},
                    {"fingerprint", id},
                    {"severity", one.fails ? "major" : "minor"},
                    {"location",
                     {{"path", detail::text_value(one.file.empty() ? file : detail::path_from_root(file, root))},
                      {"lines", {{"begin", one.line > 0 ? one.line : 1}}}}}});
  }
  return made.dump(1) + '\n';
}

inline std::string to_gitlab(const report& found, const report_limits& limits = {}) { return to_gitlab(run_of(found), limits); }

/// Brings `format=gitlab`.
inline const output_format gitlab_format("gitlab", [](const run_report& run, const report_limits& limits) {
  return to_gitlab(run, limits);
});

}  // namespace taskleak::inline v0

#endif
