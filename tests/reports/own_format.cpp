// SPDX-License-Identifier: MIT
/// \file A format of the program's own: one line for each report.
#include <taskleak/format.hpp>

#include <string>

namespace {

std::string lines_of(const taskleak::run_report& run, const taskleak::report_limits&) {
  std::string text;
  for (const taskleak::report& found : run.reports) {
    text += (found.fails ? "failed: " : "warned: ") + taskleak::headline_of(found);
    if (found.line > 0) text += " at " + found.file + ':' + std::to_string(found.line);
    text += '\n';
  }
  return text;
}

const taskleak::output_format lines("lines", &lines_of);
/// Is more than a pipe takes before anybody has read from it.
std::string much_text(const taskleak::run_report&, const taskleak::report_limits&) { return std::string(1 << 20, 'x'); }

const taskleak::output_format own_text("own_text", &much_text);
const taskleak::output_format bytes("bytes", &lines_of, {.is_binary = true});

}  // namespace
