// SPDX-License-Identifier: MIT
/// \file Writes the pages that the debug endpoint shows in a browser. They need no network and no script.
#ifndef TASKLEAK_DETAIL_LIVE_HTML_HPP
#define TASKLEAK_DETAIL_LIVE_HTML_HPP

#include <taskleak/detail/report/count_tasks.hpp>
#include <taskleak/detail/report/html/escape.hpp>
#include <taskleak/detail/run/look_at_program.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace taskleak::inline v0::detail {

inline std::string html_page(std::string_view title, std::string_view body) {
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\"><title>";
  append_html_text(page, title);
  page +=
      "</title>\n<style>:root{color-scheme:light dark}body{font:15px/1.4 system-ui,sans-serif;margin:1.5rem}"
      "pre{margin:.3rem 0 1rem 1.2rem;overflow-x:auto}summary{cursor:pointer;font-family:monospace}"
      "td,th{padding:.1rem 1rem .1rem 0;text-align:left}td:first-child{text-align:right}</style></head>\n<body><h1>";
  append_html_text(page, title);
  page.append("</h1>\n").append(body).append("</body></html>\n");
  return page;
}

/// Returns `3 threads and 1 coroutine`.
inline std::string kinds_in_words(const report& found) {
  const std::size_t threads = count_tasks_of(found.stragglers, task_kind::thread);
  const std::size_t coroutines = count_tasks_of(found.stragglers, task_kind::coroutine);
  std::string words = std::to_string(threads) + (threads == 1 ? " thread" : " threads");
  return words + " and " + std::to_string(coroutines) + (coroutines == 1 ? " coroutine" : " coroutines");
}

/// Returns the page of all tasks: a line for each group that a report would show, the largest first, which opens to its stacks.
inline std::string tasks_page(const report& found, const report_limits& limits, bool has_verdicts) {
  constexpr std::size_t most_groups = 1000;
  std::string body = "<p>";
  append_html_text(body, kinds_in_words(found));
  body += ", but for the one that answers. <a href=\"/debug/pprof/\">Profiles</a> &middot; <a href=\"/metrics\">Metrics</a>";
  if (!has_verdicts) body += " &middot; <a href=\"/debug/tasks?verdicts=1\">What could still wake them?</a>";
  body += "</p>\n";
  std::vector<straggler_group> groups = fold(found, limits.all_frames);
  std::sort(groups.begin(), groups.end(), [](const straggler_group& a, const straggler_group& b) {
    return a.count() != b.count() ? a.count() > b.count() : a.first < b.first;  // the oldest first: they lie in the report
  });
  for (std::size_t i = 0; i < std::min(groups.size(), most_groups); ++i) {
    const std::string block = main_line::text_of_group(groups[i], limits);
    const std::size_t first_line = std::min(block.find('\n'), block.size());
    body += "<details><summary>";
    if (groups[i].count() > 1) body += std::to_string(groups[i].count()) + " &times; ";
    append_html_text(body, std::string_view(block).substr(0, first_line));
    body += "</summary><pre>";
    append_html_text(body, std::string_view(block).substr(std::min(first_line + 1, block.size())));
    body += "</pre></details>\n";
  }
  if (groups.size() > most_groups)
    body += "<p>" + std::to_string(groups.size() - most_groups) +
            " more kinds of tasks are in <a href=\"/debug/pprof/tasks?debug=2\">the text of all</a>.</p>\n";
  for (const std::string& note : found.notes) {
    body += "<p>";
    append_html_text(body, note);
    body += "</p>\n";
  }
  return html_page("Tasks of " + main_line::name_of_program(), body);
}

}  // namespace taskleak::inline v0::detail

#endif
