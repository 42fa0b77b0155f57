// SPDX-License-Identifier: MIT
/// \file Writes reports as one page of HTML that needs no other file. Included in one source file of a program, it brings
/// `format=html`.
#ifndef TASKLEAK_HTML_HPP
#define TASKLEAK_HTML_HPP

#include <taskleak/detail/base/requirements.hpp>
#include <taskleak/detail/report/count_tasks.hpp>
#include <taskleak/detail/report/html/escape.hpp>
#include <taskleak/detail/report/html/page_parts.hpp>
#include <taskleak/detail/report/html/sections.hpp>
#include <taskleak/detail/report/version_text.hpp>
#include <taskleak/format.hpp>
#include <taskleak/report.hpp>

#include <cstddef>
#include <string>

namespace taskleak::inline v0 {

/// Returns a page with a section for each report: the stragglers with their stacks, folded; who awaits whom, as a tree; who waits
/// for whom, drawn; and a search. Of each report limits.stragglers groups are shown.
inline std::string to_html(const run_report& run, const report_limits& limits = {}) {
  std::size_t threads = 0, coroutines = 0;
  for (const report& found : run.reports) {
    if (found.kind != report_kind::leak) continue;
    threads += detail::count_tasks_of(found.stragglers, task_kind::thread);
    coroutines += detail::count_tasks_of(found.stragglers, task_kind::coroutine);
  }
  const std::string program = run.program.empty() ? std::string("tasks") : run.program;
  std::string page = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n";
  page += detail::html_head;
  page += "<title>" + detail::as_html(program) + ": taskleak</title>\n</head>\n<body>\n<header>\n<h1>" + detail::as_html(program);
  page += "</h1>\n<p class=\"quiet\">";
  page += threads + coroutines == 0 ? std::string("nothing was left behind")
                                    : detail::count_in_words(threads, coroutines) + " left behind";
  if (run.pid != 0) page += "; process " + std::to_string(run.pid);
  page += "; taskleak " + detail::version_text() + "</p>\n</header>\n";
  page +=
      "<div class=\"bar\"><div><input type=\"search\" id=\"search\" aria-label=\"search\" placeholder=\"search: a test, a "
      "function, a "
      "state, a verdict\"><span id=\"told\" class=\"quiet\" role=\"status\"></span>\n"
      "<button type=\"button\" id=\"open\">open all</button><button type=\"button\" id=\"close\">close all</button>\n"
      "<label class=\"quiet\"><input type=\"checkbox\" id=\"frames\"> all frames</label></div></div>\n<main>\n"
      "<svg width=\"0\" height=\"0\" style=\"position: absolute\"><defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"1\" "
      "refY=\"4\" "
      "markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0 L8 4 L0 8 Z\"/></marker></defs></svg>\n";
  for (const report& found : run.reports) detail::append_html_section(page, found, limits);
  page += "</main>\n";
  page += detail::html_script;
  return page + "</body>\n</html>\n";
}

inline std::string to_html(const report& found, const report_limits& limits = {}) { return to_html(run_of(found), limits); }

/// Brings `format=html`.
inline const output_format html_format("html",
                                       [](const run_report& run, const report_limits& limits) { return to_html(run, limits); });

}  // namespace taskleak::inline v0

#endif
