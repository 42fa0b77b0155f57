// SPDX-License-Identifier: MIT
/// \file Writes the reports of a whole run as text. Only taskleak/runtime.hpp includes this file: every program has this format.
#ifndef TASKLEAK_DETAIL_REPORT_TEXT_TEXT_FORMAT_HPP
#define TASKLEAK_DETAIL_REPORT_TEXT_TEXT_FORMAT_HPP

#include <taskleak/detail/base/separator.hpp>
#include <taskleak/detail/base/visible.hpp>
#include <taskleak/format.hpp>
#include <taskleak/report.hpp>

#include <string>

namespace taskleak::inline v0::detail {

/// Returns the text of each report, with the place of its scope in front, as a failure without a test framework has it.
inline std::string text_of_run(const run_report& run, const report_limits& limits) {
  std::string text;
  for (const report& found : run.reports) {
    if (!text.empty()) text += separator_line;
    append_on_one_line(text, found.file.empty() ? "taskleak" : found.file);
    if (found.line > 0) text.append(":").append(std::to_string(found.line));
    text += found.fails ? ": Failure\n" : ": Warning\n";
    text += to_text(found, limits);
  }
  return text;
}

inline const output_format text_format("text", &text_of_run);

}  // namespace taskleak::inline v0::detail

#endif
