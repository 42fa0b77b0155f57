// SPDX-License-Identifier: MIT
/// \file Writes stacks with how many tasks have each, in the text that Go's profiles have with debug=1, which pprof reads as
/// well.
#ifndef TASKLEAK_DETAIL_LIVE_COUNTED_STACKS_HPP
#define TASKLEAK_DETAIL_LIVE_COUNTED_STACKS_HPP

#include <taskleak/detail/base/digits.hpp>
#include <taskleak/detail/base/visible.hpp>
#include <taskleak/detail/live/quoted.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Returns what is said of a task behind its number: the addresses of its stack, its labels, and a line for each function.
inline std::string stack_in_lines(const straggler& s, bool plumbing_too) {
  std::vector<const frame*> shown;
  for (const frame& f : s.stack)
    if (!f.plumbing || plumbing_too) shown.push_back(&f);
  std::string text = " @";
  if (shown.empty()) text += " 0x0";
  for (const frame* f : shown) text.append(" 0x").append(digits(f->address, 16).view());
  text += "\n# labels: {\"kind\":";
  append_quoted(text, to_string(s.kind));
  const auto append_label = [&](std::string_view key, std::string_view value) {
    if (value.empty()) return;
    text += ", ";
    append_quoted(text, key);
    text.push_back(':');
    append_quoted(text, value);
  };
  append_label("state", s.state_text);
  append_label("verdict", to_string(s.verdict));
  append_label("scope", s.scope);
  append_label("name", s.name);
  text += "}\n";
  for (const frame* f : shown) {
    text.append("#\t0x").append(digits(f->address, 16).view());
    append_on_one_line(text.append(1, '\t'), f->function);
    if (!f->file.empty()) {
      append_on_one_line(text.append(1, '\t'), f->file);
      text.append(1, ':').append(std::to_string(f->line));
    }
    text += '\n';
  }
  return text;
}

/// Returns the text, the stack of most tasks first; of the difference to `before`, if that is given.
inline std::string counted_stacks(std::string_view profile, const report& found, const report_limits& limits,
                                  const report* before = nullptr) {
  std::map<std::string, std::ptrdiff_t> counts;
  std::ptrdiff_t total = 0;
  const auto add = [&](const report& all, std::ptrdiff_t sign) {
    for (const straggler& s : all.stragglers) {
      const std::ptrdiff_t tasks = sign * static_cast<std::ptrdiff_t>(1 + s.alike.ids.size());
      counts[stack_in_lines(s, limits.all_frames)] += tasks;
      total += tasks;
    }
  };
  add(found, 1);
  if (before) add(*before, -1);
  std::vector<std::pair<std::ptrdiff_t, const std::string*>> sorted;
  for (const auto& [lines, count] : counts)
    if (count != 0) sorted.emplace_back(count, &lines);
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : *a.second < *b.second; });
  std::string text(profile);
  text.append(" profile: total ").append(std::to_string(total)).append(1, '\n');
  for (const std::string& note : found.notes) {
    append_on_one_line(text.append("# "), note);
    text += '\n';
  }
  for (const auto& [count, lines] : sorted) text.append(std::to_string(count)).append(*lines);
  return text;
}

}  // namespace taskleak::inline v0::detail

#endif
