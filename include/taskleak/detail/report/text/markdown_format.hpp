// SPDX-License-Identifier: MIT
/// \file Writes the reports of a whole run as markdown. Only taskleak/runtime.hpp includes this file: every program has this
/// format.
#ifndef TASKLEAK_DETAIL_REPORT_TEXT_MARKDOWN_FORMAT_HPP
#define TASKLEAK_DETAIL_REPORT_TEXT_MARKDOWN_FORMAT_HPP

#include <taskleak/detail/base/visible.hpp>
#include <taskleak/detail/report/text/summary.hpp>
#include <taskleak/format.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace taskleak::inline v0::detail {

/// Returns a fence that the text does not have: code in markdown ends at the first row of as many backticks as it began with.
inline std::string fence_for(std::string_view text) {
  std::size_t longest = 2, row = 0;
  for (const char c : text) longest = std::max(longest, row = c == '`' ? row + 1 : 0);
  return std::string(longest + 1, '`');
}

/// Returns a heading for each report, and its text, to be unfolded.
inline std::string markdown_of_run(const run_report& run, const report_limits& limits) {
  std::string made = "### taskleak: ";
  append_code(made, on_one_line(run.program.empty() ? "tasks" : run.program));
  made += "\n\n";
  bool any = false;
  for (const report& found : run.reports) {
    if (found.clean()) continue;
    any = true;
    const std::string text = to_text(found, limits);
    const std::string fence = fence_for(text);
    made += "#### ";
    append_code(made, headline_of(found));
    if (!found.fails) made += " (a warning)";
    made += "\n\n<details><summary>report</summary>\n\n";
    made.append(fence).append("text\n").append(text).append(fence).append("\n\n</details>\n\n");
  }
  if (!any) made += "Nothing was left behind.\n";
  return made;
}

inline const output_format markdown_format("markdown", &markdown_of_run);

}  // namespace taskleak::inline v0::detail

#endif
