// SPDX-License-Identifier: MIT
/// \file Writes the text of a report, as a failure shows it. Defines to_text() as an ordinary function: taskleak/runtime.hpp
/// includes this file, and no other header does.
#ifndef TASKLEAK_DETAIL_REPORT_TEXT_TO_TEXT_HPP
#define TASKLEAK_DETAIL_REPORT_TEXT_TO_TEXT_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/base/separator.hpp>
#include <taskleak/detail/base/visible.hpp>
#include <taskleak/detail/report/fold.hpp>
#include <taskleak/detail/report/limits.hpp>
#include <taskleak/detail/report/text/block.hpp>
#include <taskleak/detail/report/text/headline.hpp>
#include <taskleak/report.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taskleak::inline v0 {

namespace detail {

/// Returns `3 ignored: 2 x 'grpc pool', 1 x 'logger'`, most frequent first, or an empty text when nothing was ignored.
inline std::string ignored_summary(const std::vector<ignored_task>& ignored) {
  if (ignored.empty()) return {};
  struct tally {
    std::string_view reason;
    std::size_t count;
  };
  std::size_t total = 0;
  light_vector<tally> tallies;  // reasons are few, however many tasks they ignore
  for (const ignored_task& task : ignored) {
    std::size_t at = 0;
    while (at < tallies.size() && tallies[at].reason != task.reason) ++at;
    if (at == tallies.size()) tallies.push_back({task.reason, 0});
    tallies[at].count += task.count;
    total += task.count;
    // the order is kept: a reason that has overtaken others moves up, but not past an earlier one with the same count
    for (; at > 0 && tallies[at - 1].count < tallies[at].count; --at) std::swap(tallies[at - 1], tallies[at]);
  }
  std::string out;
  out += fmt::format("{} ignored: ", total);
  for (const tally& t : tallies) {
    if (&t != &tallies.front()) out += ", ";
    append_number(out, t.count);
    out += " x '";
    append_on_one_line(out, t.reason);
    out.push_back('\'');
  }
  return out;
}

/// Appends at most limits.stragglers blocks, and says how many more there are.
inline void append_blocks(std::string& out, const report& found, const report_limits& limits) {
  const std::vector<straggler_group> groups = fold(found, limits.all_frames);
  constexpr std::size_t sample = 64;
  std::size_t shown = 0;
  for (const straggler_group& group : groups) {
    if (shown > 0) out += separator_line;
    if (shown == limits.stragglers) {
      out += fmt::format("... {} more; TASKLEAK_OPTIONS=max_stragglers={} shows them\n", groups.size() - shown, groups.size());
      break;
    }
    append_block(out, group, limits);
    ++shown;
    // growing step by step would copy a long text several times
    if (shown == sample)
      out.reserve(out.size() + out.size() / sample * (std::min(groups.size(), limits.stragglers) - shown) * 9 / 8);
  }
}

/// Returns all blocks, without headline and notes.
inline std::string blocks_text(const report& found, report_limits limits) {
  std::string out;
  limits.stragglers = found.stragglers.size();
  append_blocks(out, found, limits);
  return out;
}

/// Returns the text of dump(): blocks of live tasks, without the headline of a failure.
inline std::string dump_text(const report& tasks, const report_limits& limits) {
  return tasks.stragglers.empty() ? "no other task is alive\n" : blocks_text(tasks, limits);
}

}  // namespace detail

report_limits limits_of_run() { return detail::shown_limits(); }

std::string headline_of(const report& found) { return detail::headline(found); }

std::string to_text(const report& found) { return to_text(found, limits_of_run()); }

// Every line ends with a newline, also the last one.
std::string to_text(const report& found, const report_limits& limits) {
  std::string out;
  for (const std::string& error : found.errors) {
    detail::append_on_one_line(out, error);
    out += '\n';
  }
  // a check with errors and without stragglers has not looked properly: it does not say that nothing is left
  if (!found.stragglers.empty() || found.errors.empty()) {
    out += detail::headline(found);
    out += '\n';
  }
  if (!found.stragglers.empty()) out += detail::separator_line;
  detail::append_blocks(out, found, limits);
  if (const std::string summary = detail::ignored_summary(found.ignored); !summary.empty()) {
    out += detail::separator_line;
    out += summary;
    out += '\n';
  }
  for (const std::string& note : found.notes) {
    out += detail::separator_line;
    detail::append_on_one_line(out, note);
    out += '\n';
  }
  return out;
}

}  // namespace taskleak::inline v0

#endif
