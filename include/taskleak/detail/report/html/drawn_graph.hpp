// SPDX-License-Identifier: MIT
/// \file Draws who waits for whom as SVG: in columns, each node one column to the right of a node that points to it.
#ifndef TASKLEAK_DETAIL_REPORT_HTML_DRAWN_GRAPH_HPP
#define TASKLEAK_DETAIL_REPORT_HTML_DRAWN_GRAPH_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/report/html/escape.hpp>
#include <taskleak/detail/report/task_graph.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace taskleak::inline v0::detail {

class drawn_graph {
 public:
  explicit drawn_graph(const task_graph& graph) : graph_(graph) {
    choose_columns();
    place_nodes();
  }

  void append_to(std::string& out) const {
    const std::string size = std::to_string(width_) + ' ' + std::to_string(height_ + room_below());
    out += "<div class=\"scroll\"><svg role=\"img\" aria-label=\"who waits for whom\" viewBox=\"0 0 " + size + "\" width=\"" +
           std::to_string(width_) + "\" height=\"" + std::to_string(height_ + room_below()) + "\">\n";
    for (const graph_edge& edge : graph_.edges) append_edge(out, edge);
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) append_node(out, i);
    out += "</svg></div>\n";
  }

 private:
  struct box {
    int x = 0, y = 0, width = 0, height = 0;
  };

  static constexpr int line_height = 15, character = 7, padding = 8, gap_of_columns = 90, gap_of_rows = 16, margin = 4;
  static constexpr int nowhere = -1;

  /// Starts from the nodes that nobody points to; of a cycle, from any.
  void choose_columns() {
    columns_.assign(graph_.nodes.size(), nowhere);
    std::vector<bool> has_waiter(graph_.nodes.size(), false);
    std::vector<std::vector<std::size_t>> next(graph_.nodes.size());
    for (const graph_edge& edge : graph_.edges) {
      has_waiter[edge.to] = true;
      next[edge.from].push_back(edge.to);
    }
    for (const bool from_cycles : {false, true}) {
      for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (columns_[i] != nowhere || (has_waiter[i] && !from_cycles)) continue;
        columns_[i] = 0;
        std::vector<std::size_t> reached{i};
        for (std::size_t at = 0; at < reached.size(); ++at) {
          for (const std::size_t to : next[reached[at]]) {
            if (columns_[to] != nowhere) continue;
            columns_[to] = columns_[reached[at]] + 1;
            reached.push_back(to);
          }
        }
      }
    }
  }

  /// Returns how wide the text is, in characters: bytes but for those that go on with a character of UTF-8.
  static int width_of(std::string_view text) {
    return static_cast<int>(
        detail::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
  }

  void place_nodes() {
    boxes_.resize(graph_.nodes.size());
    std::vector<int> widths, bottoms;
    for (std::size_t i = 0; i < boxes_.size(); ++i) {
      const auto column = static_cast<std::size_t>(columns_[i]);
      if (column >= widths.size()) {
        widths.resize(column + 1, 0);
        bottoms.resize(column + 1, margin);
      }
      for (const std::string& line : graph_.nodes[i].lines) boxes_[i].width = std::max(boxes_[i].width, width_of(line));
      boxes_[i].width = boxes_[i].width * character + 2 * padding;
      boxes_[i].height = static_cast<int>(graph_.nodes[i].lines.size()) * line_height + padding;
      boxes_[i].y = bottoms[column];
      bottoms[column] += boxes_[i].height + gap_of_rows;
      widths[column] = std::max(widths[column], boxes_[i].width);
    }
    for (std::size_t i = 0; i < boxes_.size(); ++i) boxes_[i].width = widths[static_cast<std::size_t>(columns_[i])];
    std::vector<int> lefts{margin};
    for (const int width : widths) lefts.push_back(lefts.back() + width + gap_of_columns);
    for (std::size_t i = 0; i < boxes_.size(); ++i) boxes_[i].x = lefts[static_cast<std::size_t>(columns_[i])];
    width_ = lefts.back() - gap_of_columns + margin;
    for (const int bottom : bottoms) height_ = std::max(height_, bottom);
  }

  bool goes_back(const graph_edge& edge) const noexcept { return columns_[edge.to] <= columns_[edge.from]; }

  int room_below() const noexcept {
    constexpr int room = 40;
    return detail::any_of(graph_.edges.begin(), graph_.edges.end(), [&](const graph_edge& e) { return goes_back(e); }) ? room : 0;
  }

  void append_node(std::string& out, std::size_t i) const {
    const graph_node& node = graph_.nodes[i];
    const box& b = boxes_[i];
    const char* kind = node.kind == graph_node_kind::object    ? "object"
                       : node.kind == graph_node_kind::outside ? "outside"
                                                               : to_string(node.first->verdict);
    out.append("<g class=\"").append(kind).append("\"><rect x=\"").append(std::to_string(b.x)).append("\" y=\"");
    out.append(std::to_string(b.y)).append("\" width=\"").append(std::to_string(b.width)).append("\" height=\"");
    out.append(std::to_string(b.height))
        .append("\" rx=\"")
        .append(node.kind == graph_node_kind::object ? "12" : "3")
        .append("\"/>");
    int y = b.y + line_height;
    for (const std::string& line : node.lines) {
      append_text(out, b.x + padding, y, "", line);
      y += line_height;
    }
    out += "</g>\n";
  }

  static void append_text(std::string& out, int x, int y, std::string_view attributes, std::string_view text) {
    out.append("<text x=\"")
        .append(std::to_string(x))
        .append("\" y=\"")
        .append(std::to_string(y))
        .append("\"")
        .append(attributes);
    out += '>';
    append_html(out, text);
    out += "</text>";
  }

  static std::string point(int x, int y) { return std::to_string(x) + ' ' + std::to_string(y); }

  void append_edge(std::string& out, const graph_edge& edge) const {
    constexpr int arrow = 6, bend = 45;
    const box& from = boxes_[edge.from];
    const box& to = boxes_[edge.to];
    std::string path;
    int x = 0, y = 0;
    if (goes_back(edge)) {
      const int below = height_ + room_below() - gap_of_rows;
      const int start = from.x + from.width / 2, end = to.x + to.width / 2 + arrow;
      path = "M" + point(start, from.y + from.height) + " C" + point(start, below) + ", " + point(end, below) + ", " +
             point(end, to.y + to.height + arrow);
      x = (start + end) / 2;
      y = (from.y + from.height + to.y + to.height) / 8 + below * 3 / 4 - 4;
    } else {
      const int start = from.x + from.width, end = to.x - arrow;
      const int y_of_start = from.y + from.height / 2, y_of_end = to.y + to.height / 2;
      path = "M" + point(start, y_of_start) + " C" + point(start + bend, y_of_start) + ", " + point(end - bend, y_of_end) + ", " +
             point(end, y_of_end);
      x = (start + end) / 2;
      y = (y_of_start + y_of_end) / 2 - 4;
    }
    out.append("<path marker-end=\"url(#arrow)\" d=\"").append(path).append("\"/>");
    append_text(out, x, y, " class=\"label\" text-anchor=\"middle\"", edge.label);
    out += '\n';
  }

  const task_graph& graph_;
  std::vector<int> columns_;
  std::vector<box> boxes_;
  int width_ = 0;
  int height_ = 0;
};

}  // namespace taskleak::inline v0::detail

#endif
