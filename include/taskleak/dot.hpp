// SPDX-License-Identifier: MIT
/// \file Writes who waits for whom in the language of Graphviz. Included in one source file of a program, it brings `format=dot`.
#ifndef TASKLEAK_DOT_HPP
#define TASKLEAK_DOT_HPP

#include <taskleak/detail/base/requirements.hpp>
#include <taskleak/detail/base/visible.hpp>
#include <taskleak/detail/report/task_graph.hpp>
#include <taskleak/format.hpp>
#include <taskleak/report.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace taskleak::inline v0 {

namespace detail {

/// Appends lines as one quoted string of dot (graphviz.org/doc/info/lang.html), where a backslash begins an escape.
inline void append_dot_string(std::string& out, const std::vector<std::string>& lines) {
  out += '"';
  for (const std::string& line : lines) {
    if (&line != &lines.front()) out += "\\n";
    for (const char c : line) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  out += '"';
}

inline std::string_view dot_style(const graph_node& node) noexcept {
  if (node.kind == graph_node_kind::object) return "shape=ellipse";
  if (node.kind == graph_node_kind::outside) return "shape=box,style=dashed";
  switch (node.first->verdict) {
    case verdict::deadlocked: return "shape=box,color=red,penwidth=2";
    case verdict::orphaned: return "shape=box,color=orange,penwidth=2";
    default: return "shape=box";
  }
}

/// Appends the graph of one report; `prefix` makes the names of its nodes its own.
inline void append_dot_graph(std::string& out, const report& found, const std::string& prefix, const report_limits& limits) {
  const task_graph graph = graph_of(found, limits);
  const auto name = [&](std::size_t node) { return prefix + std::to_string(node); };
  out += "  subgraph cluster_" + prefix + " {\n    label=";
  append_dot_string(out, {on_one_line(headline_of(found))});
  out += "\n";
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    out.append("    ").append(name(i)).append(" [").append(dot_style(graph.nodes[i])).append(",label=");
    append_dot_string(out, graph.nodes[i].lines);
    out += "]\n";
  }
  if (graph.left_out > 0)
    out += "    " + prefix + "more [shape=plaintext,label=\"and " + std::to_string(graph.left_out) + " more\"]\n";
  for (const graph_edge& edge : graph.edges)
    out.append("    ")
        .append(name(edge.from))
        .append(" -> ")
        .append(name(edge.to))
        .append(" [label=\"")
        .append(edge.label)
        .append("\"]\n");
  out += "  }\n";
}

}  // namespace detail

/// Returns one graph for dot(1), with a box for each report that has stragglers. Of each, limits.stragglers groups are drawn.
inline std::string to_dot(const run_report& run, const report_limits& limits = {}) {
  std::string text =
      "digraph taskleak {\n  rankdir=LR\n  node [fontname=\"sans-serif\",fontsize=10]\n  edge "
      "[fontname=\"sans-serif\",fontsize=9]\n";
  std::size_t number = 0;
  for (const report& found : run.reports)
    if (!found.stragglers.empty()) detail::append_dot_graph(text, found, 'r' + std::to_string(number++) + '_', limits);
  return text + "}\n";
}

inline std::string to_dot(const report& found, const report_limits& limits = {}) { return to_dot(run_of(found), limits); }

/// Brings `format=dot`.
inline const output_format dot_format("dot",
                                      [](const run_report& run, const report_limits& limits) { return to_dot(run, limits); });

}  // namespace taskleak::inline v0

#endif
