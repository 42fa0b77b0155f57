// SPDX-License-Identifier: MIT
/// \file Writes the summary of a run, for stderr and as markdown.
#ifndef TASKLEAK_DETAIL_REPORT_TEXT_SUMMARY_HPP
#define TASKLEAK_DETAIL_REPORT_TEXT_SUMMARY_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/base/visible.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace taskleak::inline v0::detail {

/// Holds one line of the summary: what one creator left, and in which tests.
struct creator_summary {
  std::string creator;
  std::size_t threads = 0;
  std::size_t coroutines = 0;
  std::size_t ended_since = 0;
  std::vector<std::string> tests;
};

inline constexpr std::size_t most_creators_summed_up = 100;

/// Returns `1 thread and 2 coroutines`, or one of the two parts if the other number is 0.
inline std::string count_in_words(std::size_t threads, std::size_t coroutines) {
  std::string text;
  if (threads > 0) text = fmt::format("{} {}", threads, threads == 1 ? "thread" : "threads");
  if (threads > 0 && coroutines > 0) text += " and ";
  if (coroutines > 0) text += fmt::format("{} {}", coroutines, coroutines == 1 ? "coroutine" : "coroutines");
  return text;
}

/// Returns `Feed.Closes, Feed.Opens and 3 more`.
inline std::string tests_in_words(const std::vector<std::string>& tests) {
  constexpr std::size_t most = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(tests.size(), most); ++i) {
    if (i > 0) text += ", ";
    append_on_one_line(text, tests[i]);
  }
  if (tests.size() > most) text += fmt::format(" and {} more", tests.size() - most);
  return text;
}

/// Returns `has ended since`, or how many of the tasks have; an empty text if none has.
inline std::string ended_in_words(const creator_summary& line) {
  const std::size_t all = line.threads + line.coroutines;
  if (line.ended_since == 0) return {};
  if (all == 1) return "has ended since";
  if (line.ended_since == 1) return "1 has ended since";
  return fmt::format("{} have ended since", line.ended_since == all ? "all" : std::to_string(line.ended_since));
}

/// Returns one line for each creator: `2 threads created by Feed::Feed() src/feed.cpp:22 in Feed.Closes, Feed.Opens`.
inline std::vector<std::string> summary_lines(const light_vector<creator_summary>& creators) {
  std::vector<std::string> lines;
  for (const creator_summary& one : creators) {
    if (lines.size() == most_creators_summed_up) {
      lines.push_back(fmt::format("... and {} more creators", creators.size() - lines.size()));
      break;
    }
    std::string line = fmt::format("{} created by {} in {}", count_in_words(one.threads, one.coroutines), one.creator,
                                   tests_in_words(one.tests));
    if (const std::string ended = ended_in_words(one); !ended.empty()) line += ", " + ended;
    lines.push_back(std::move(line));
  }
  return lines;
}

/// Appends text as code, in which markdown gives a meaning only to the end of the code, and in a table to the bar.
inline void append_code(std::string& out, std::string_view text) {
  out += '`';
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '`' ? '\'' : c;
  }
  out += '`';
}

/// Returns a heading and a table, one row for each creator, and a line of what was ignored if anything was.
inline std::string summary_markdown(std::string_view program, const light_vector<creator_summary>& creators,
                                    std::string_view ignored) {
  std::string text = "### taskleak: ";
  append_code(text, on_one_line(program));
  text += "\n\n";
  if (!creators.empty()) {
    text += "| left behind | created by | in | |\n|---|---|---|---|\n";
    std::size_t rows = 0;
    for (const creator_summary& one : creators) {
      if (rows++ == most_creators_summed_up) break;
      text += "| " + count_in_words(one.threads, one.coroutines) + " | ";
      append_code(text, one.creator);
      text += " | ";
      append_code(text, tests_in_words(one.tests));
      text += " | " + ended_in_words(one) + " |\n";
    }
    if (creators.size() > most_creators_summed_up)
      text += fmt::format("\nand {} more creators\n", creators.size() - most_creators_summed_up);
    text += '\n';
  }
  if (!ignored.empty()) {
    append_code(text, ignored);
    text += "\n\n";
  }
  return text;
}

}  // namespace taskleak::inline v0::detail

#endif
