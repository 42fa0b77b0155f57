// SPDX-License-Identifier: MIT
/// \file Writes what a run has found as commands of a GitHub workflow, which shows them at the lines of a change. Only
/// taskleak/runtime.hpp includes this file: a program has the format without asking, since the environment does.
#ifndef TASKLEAK_DETAIL_REPORT_GITHUB_ANNOTATIONS_HPP
#define TASKLEAK_DETAIL_REPORT_GITHUB_ANNOTATIONS_HPP

#include <taskleak/detail/report/findings.hpp>
#include <taskleak/format.hpp>
#include <taskleak/report.hpp>

#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace taskleak::inline v0::detail {

/// Appends text that a command carries, as the toolkit's escapeData() and, for a property, escapeProperty() write it
/// (packages/core/src/command.ts of github.com/actions/toolkit).
inline void append_to_command(std::string& out, std::string_view text, bool is_property) {
  for (const char c : text) {
    switch (c) {
      case '%': out += "%25"; break;
      case '\r': out += "%0D"; break;
      case '\n': out += "%0A"; break;
      case ':': out += is_property ? "%3A" : ":"; break;
      case ',': out += is_property ? "%2C" : ","; break;
      default: out += c;
    }
  }
}

/// Appends `::error file=src/feed.cpp,line=22,title=...::...`.
inline void append_annotation(std::string& out, const finding& one, std::string_view workspace) {
  out += one.fails ? "::error " : "::warning ";
  if (!one.file.empty()) {
    out += "file=";
    append_to_command(out, on_one_line(path_from_root(one.file, workspace)), true);
    if (one.line > 0) out.append(",line=").append(std::to_string(one.line));
    out += ',';
  }
  out += "title=";
  append_to_command(out, "taskleak: " + one.title(), true);
  out += "::";
  const std::string text = one.text();
  append_to_command(out, text.empty() ? one.title() : text, false);
  out += '\n';
}

/// Returns a command for each finding. Of more than ten errors, or ten warnings, GitHub shows ten and drops the others without a
/// word, so the tenth says how many more there are.
inline std::string annotations_of(const run_report& run, std::string_view workspace) {
  constexpr std::size_t most = 10;
  const std::vector<finding> all = findings_of(run);
  std::string text;
  for (const bool fails : {true, false}) {
    const std::size_t count = detail::count_if(all.begin(), all.end(), [=](const finding& f) { return f.fails == fails; });
    std::size_t shown = 0;
    for (const finding& one : all) {
      if (one.fails != fails) continue;
      if (++shown == most && count > most) {
        text.append(fails ? "::error " : "::warning ").append("title=taskleak::").append(std::to_string(count - most + 1));
        text += " more distinct leaks are in the output of the tests only\n";
        break;
      }
      append_annotation(text, one, workspace);
    }
  }
  return text;
}

/// Whether a GitHub workflow runs the program and reads what it prints.
inline bool is_on_github() noexcept {
  const char* const says = std::getenv("GITHUB_ACTIONS");
  return says && std::string_view(says) == "true";
}

inline const output_format github_format("github", [](const run_report& run, const report_limits&) {
  return annotations_of(run, root_of_sources());
});

}  // namespace taskleak::inline v0::detail

#endif
