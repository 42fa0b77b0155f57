// SPDX-License-Identifier: MIT
/// \file Writes the parts of a page: a section for each report, and in it a block for each group of stragglers.
#ifndef TASKLEAK_DETAIL_REPORT_HTML_SECTIONS_HPP
#define TASKLEAK_DETAIL_REPORT_HTML_SECTIONS_HPP

#include <taskleak/detail/report/html/drawn_graph.hpp>
#include <taskleak/detail/report/html/escape.hpp>
#include <taskleak/detail/report/task_graph.hpp>
#include <taskleak/detail/report/text/block.hpp>
#include <taskleak/detail/report/text/headline.hpp>
#include <taskleak/detail/report/text/verdict_words.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Appends the functions of a stack, plumbing hidden until it is asked for.
inline void append_html_stack(std::string& out, std::string_view title, const std::vector<frame>& stack) {
  if (stack.empty()) return;
  append_element(out, "h3", "", title);
  out += "<div class=\"scroll\"><table>\n";
  for (const frame& f : stack) {
    out += f.plumbing ? "<tr class=\"plumbing\"><td>" : "<tr><td>";
    append_html(out, f.function);
    if (f.inlined) out += " (inlined)";
    out += "</td><td>";
    std::string place;
    append_place(place, f);
    append_html(out, place);
    out += "</td></tr>\n";
  }
  out += "</table></div>\n";
}

/// Appends each line of a text of the report, without its indent, as a paragraph.
inline void append_html_lines(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (!line.empty()) out.append("<p>").append(as_html(line)).append("</p>\n");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

inline std::string title_of(const straggler& s) {
  return s.is_main ? "main thread " + std::to_string(s.id) : name_of_task(s.kind, s.id, s.name);
}

/// Appends `[condition wait, 412 ms]` and the verdict.
inline void append_html_state(std::string& out, const straggler_group& group) {
  const straggler& s = *group.first;
  std::string state = "[" + s.state_text + ", ";
  append_duration(state, group.longest);
  append_element(out, "span", "state", state + "]");
  if (s.verdict != verdict::none)
    append_element(out += ' ', "span", std::string("verdict ") + to_string(s.verdict), to_string(s.verdict));
}

/// Appends a block that is closed but for the line that says where the first task is.
inline void append_html_block(std::string& out, const straggler_group& group, const report& found, const report_limits& limits,
                              bool is_open) {
  const straggler& s = *group.first;
  out.append("<details class=\"task\" data-scope=\"").append(as_html(found.scope)).append(is_open ? "\" open>\n" : "\">\n");
  out += "<summary>";
  append_element(out, "span", "name", title_of(s));
  if (group.count() > 1)
    out.append(" <span class=\"quiet\">and ").append(with_thousands(group.count() - 1)).append(" like it</span>");
  out += ' ';
  append_html_state(out, group);
  if (const frame* const in = first_shown(s.stack)) {
    std::string place;
    append_place(place, *in);
    out += " in ";
    append_element(out, "span", "function", in->function);
    append_element(out += ' ', "span", "quiet", place);
  }
  out += "</summary>\n<div class=\"body\">\n";
  if (const std::string reason = reason_of(group); s.verdict != verdict::none && !reason.empty())
    append_html_lines(out, std::string(to_string(s.verdict)) + (s.verdict == verdict::held ? " " : ": ") + on_one_line(reason));
  std::string lines;
  append_group_size(lines, group);
  if (s.kind == task_kind::coroutine) {
    report_limits without_chain = limits;
    straggler awaiting;
    awaiting.waits_on = s.waits_on;
    append_awaiting(lines, awaiting, without_chain);
  } else {
    append_wait_object(lines, group, limits);
  }
  append_html_lines(out, lines);
  if (!s.owned_by.empty()) out.append("<p>owned by static ").append(as_html(s.owned_by)).append("</p>\n");
  if (!s.holders.empty()) {
    append_element(out, "h3", "", s.verdict == verdict::deadlocked ? "cycle" : "path");
    out += "<ol class=\"path\">\n";
    for (const std::string& holder : s.holders) out.append("<li>").append(as_html(holder)).append("</li>\n");
    out += "</ol>\n";
  }
  append_html_stack(out, s.kind == task_kind::coroutine ? "await chain" : "stack", s.stack);
  if (!s.stack_note.empty()) append_element(out, "p", "quiet", s.stack_note);
  std::string creation;
  straggler_group without_stack = group;
  straggler created = s;
  created.creation_stack.clear();
  without_stack.first = &created;
  append_creation(creation, without_stack, 0, limits);
  while (!creation.empty() && (creation.back() == '\n')) creation.pop_back();
  creation.erase(0, std::min(creation.find_first_not_of(' '), creation.size()));
  if (s.creation_stack.empty())
    append_html_lines(out, creation);
  else
    append_html_stack(out, creation.empty() ? "created" : creation, s.creation_stack);
  if (!s.hint.empty()) out.append("<p>hint: ").append(as_html(s.hint)).append("</p>\n");
  out += "</div>\n</details>\n";
}

/// Writes which coroutine awaits which, as a tree from those that nobody awaits.
class await_tree {
 public:
  explicit await_tree(const report& found) {
    for (const straggler& s : found.stragglers) {
      known_.emplace(key{s.kind, s.id}, &s);
      for (const awaited_task& t : s.waits_for) {
        if (t.relation != wait_relation::awaited) continue;
        awaits_[{s.kind, s.id}].push_back(&t);
        is_awaited_.insert({t.kind, t.id});
      }
    }
  }

  /// Appends nothing where no task awaits another.
  void append_to(std::string& out) {
    if (awaits_.empty()) return;
    out += "<h3>who awaits whom</h3>\n<ul class=\"tree\">\n";
    for (const bool with_cycles : {false, true})
      for (const auto& [waiter, awaited] : awaits_)
        if ((with_cycles || is_awaited_.count(waiter) == 0) && shown_.count(waiter) == 0) append(out, waiter, nullptr, 0);
    out += "</ul>\n";
  }

 private:
  using key = std::pair<task_kind, std::uint64_t>;

  void append(std::string& out, const key& of, const awaited_task* named, std::size_t depth) {
    constexpr std::size_t deepest = 200;
    const auto found = known_.find(of);
    straggler unknown;
    unknown.kind = of.first;
    unknown.id = of.second;
    if (named) unknown.name = named->name;
    const straggler& s = found != known_.end() ? *found->second : unknown;
    out += "<li>";
    append_element(out, "span", "name", title_of(s));
    if (!s.state_text.empty()) append_element(out += ' ', "span", "state", "[" + s.state_text + "]");
    const auto next = awaits_.find(of);
    if (next != awaits_.end() && shown_.insert(of).second && depth < deepest) {
      out += "\n<ul>\n";
      for (const awaited_task* t : next->second) append(out, {t->kind, t->id}, t, depth + 1);
      out += "</ul>";
    }
    out += "</li>\n";
  }

  std::map<key, const straggler*> known_;
  std::map<key, std::vector<const awaited_task*>> awaits_;
  std::set<key> is_awaited_;
  std::set<key> shown_;
};

inline void append_html_graph(std::string& out, const report& found, const report_limits& limits) {
  const task_graph graph = connected_part(graph_of(found, limits));
  if (graph.edges.empty()) return;
  const bool leads_to_tasks = detail::any_of(graph.edges.begin(), graph.edges.end(), [&](const graph_edge& e) {
    return graph.nodes[e.to].kind != graph_node_kind::object;
  });
  out.append("<details").append(leads_to_tasks ? " open" : "").append("><summary class=\"quiet\">who waits for whom</summary>\n");
  drawn_graph(graph).append_to(out);
  out += "</details>\n";
}

/// Appends all of one report.
inline void append_html_section(std::string& out, const report& found, const report_limits& limits) {
  out += "<section>\n<h2>";
  out += as_html(headline_of(found));
  out += "</h2>\n";
  if (!found.file.empty()) {
    std::string place = found.file;
    if (found.line > 0) place.append(":").append(std::to_string(found.line));
    append_element(out, "p", "place quiet", place);
  }
  if (!found.fails && found.kind == report_kind::leak && !found.stragglers.empty())
    out += "<p class=\"quiet\">a warning: it fails nothing</p>\n";
  for (const std::string& error : found.errors) {
    out += "<p><span class=\"verdict error\">error</span> ";
    out.append(as_html(error)).append("</p>\n");
  }
  append_html_graph(out, found, limits);
  await_tree(found).append_to(out);
  const std::vector<straggler_group> groups = fold(found, limits.all_frames);
  constexpr std::size_t few = 3;
  for (std::size_t i = 0; i < std::min(groups.size(), limits.stragglers); ++i)
    append_html_block(out, groups[i], found, limits, groups.size() <= few);
  if (groups.size() > limits.stragglers)
    out += "<p class=\"quiet\">and " + with_thousands(groups.size() - limits.stragglers) +
           " more; TASKLEAK_OPTIONS=max_stragglers=" + std::to_string(groups.size()) + " shows them</p>\n";
  if (!found.ignored.empty()) {
    std::size_t count = 0;
    for (const ignored_task& t : found.ignored) count += t.count;
    out.append("<details><summary class=\"quiet\">").append(with_thousands(count)).append(" ignored</summary>\n<table>\n");
    for (const ignored_task& t : found.ignored) {
      straggler named;
      named.kind = t.kind;
      named.id = t.id;
      named.name = t.name;
      out.append("<tr><td>").append(as_html(title_of(named)));
      if (t.count > 1) out.append(" and ").append(with_thousands(t.count - 1)).append(" more");
      out.append("</td><td>").append(as_html(t.reason)).append("</td></tr>\n");
    }
    out += "</table>\n</details>\n";
  }
  for (const std::string& note : found.notes) append_element(out, "p", "quiet", note);
  out += "</section>\n";
}

}  // namespace taskleak::inline v0::detail

#endif
