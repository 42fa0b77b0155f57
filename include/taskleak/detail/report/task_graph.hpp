// SPDX-License-Identifier: MIT
/// \file Makes a graph of who waits for whom of one report, for formats that draw it.
#ifndef TASKLEAK_DETAIL_REPORT_TASK_GRAPH_HPP
#define TASKLEAK_DETAIL_REPORT_TASK_GRAPH_HPP

#include <taskleak/detail/base/visible.hpp>
#include <taskleak/detail/report/text/headline.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

enum class graph_node_kind : unsigned char {
  task,     ///< stragglers that are alike
  object,   ///< what tasks wait for
  outside,  ///< a task that is waited for, and is no straggler
};

/// Holds a node; its lines are fit to be shown, and not escaped for any format.
struct graph_node {
  graph_node_kind kind = graph_node_kind::task;
  std::vector<std::string> lines{};
  const straggler* first = nullptr;  ///< of tasks
};

struct graph_edge {
  std::size_t from = 0;
  std::size_t to = 0;
  const char* label = "";
};

/// Holds who waits for whom: a task points to its object, and the object to the task that holds it; a task points to the task
/// whose end or result it waits for.
struct task_graph {
  std::vector<graph_node> nodes{};
  std::vector<graph_edge> edges{};
  std::size_t left_out = 0;  ///< how many groups of stragglers have no node
};

/// Returns `thread 7 "feed"`, or `coroutine 9 session(int)`.
inline std::string name_of_task(task_kind kind, std::uint64_t id, std::string_view name) {
  std::string text = std::string(to_string(kind)) + ' ' + std::to_string(id);
  if (name.empty()) return text;
  const std::string_view quote = kind == task_kind::thread ? "\"" : "";
  return text.append(1, ' ').append(quote).append(name).append(quote);
}

/// Builds the graph of one report.
class task_graph_builder {
 public:
  task_graph_builder(const report& found, const report_limits& limits) {
    const std::vector<straggler_group> groups = fold(found, limits.all_frames);
    const std::size_t shown = std::min(groups.size(), limits.stragglers);
    made_.left_out = groups.size() - shown;
    for (std::size_t i = 0; i < shown; ++i) {
      for (const std::uint64_t id : groups[i].ids) task_nodes_.emplace(task_key{groups[i].first->kind, id}, made_.nodes.size());
      made_.nodes.push_back(node_of(groups[i]));
    }
    for (std::size_t i = 0; i < shown; ++i) add_edges(i, *groups[i].first);
  }

  task_graph take() noexcept { return std::move(made_); }

 private:
  using task_key = std::pair<task_kind, std::uint64_t>;

  static std::string name_of(task_kind kind, std::uint64_t id, std::string_view name, bool is_main) {
    return is_main ? "main thread" : name_of_task(kind, id, shortened(name));
  }

  /// Returns a text that is no wider than a node should be.
  static std::string shortened(std::string_view text) {
    constexpr std::size_t most = 44;
    std::string line = on_one_line(text);
    shorten_in_the_middle(line, most);
    return line;
  }

  static graph_node node_of(const straggler_group& group) {
    const straggler& s = *group.first;
    graph_node made;
    made.first = &s;
    made.lines.push_back(name_of(s.kind, s.id, s.name, s.is_main));
    if (group.count() > 1) made.lines.push_back("and " + std::to_string(group.count() - 1) + " like this one");
    std::string state = "[" + shortened(s.state_text) + "]";
    if (const char* const verdict = to_string(s.verdict); *verdict) state.append(" ").append(verdict);
    made.lines.push_back(std::move(state));
    if (const frame* const in = first_shown(s.stack)) made.lines.push_back("in " + shortened(in->function));
    return made;
  }

  void connect(std::size_t from, std::size_t to, const char* label) {
    if (edges_.insert({from, to, label}).second) made_.edges.push_back({from, to, label});
  }

  std::size_t node_of_task(const awaited_task& t) {
    const auto [at, is_new] = task_nodes_.emplace(task_key{t.kind, t.id}, made_.nodes.size());
    if (is_new) {
      std::vector<std::string> lines{name_of(t.kind, t.id, t.name, t.is_main)};
      if (t.has_ended) lines.emplace_back("has ended");
      made_.nodes.push_back({graph_node_kind::outside, std::move(lines)});
    }
    return at->second;
  }

  std::size_t node_of_object(const wait_object& o) {
    const auto [at, is_new] = objects_.emplace(object_key{o.kind, o.address}, made_.nodes.size());
    if (is_new) {
      std::vector<std::string> lines{shortened(o.kind)};
      if (!o.name.empty()) lines.push_back(shortened(o.name));
      made_.nodes.push_back({graph_node_kind::object, std::move(lines)});
    }
    return at->second;
  }

  void add_edges(std::size_t task, const straggler& s) {
    const bool is_task = s.waits_on.kind == "thread" || s.waits_on.kind == "process";
    const bool has_object = !s.waits_on.kind.empty() && s.waits_on.address != 0 && !is_task;
    const std::size_t object = has_object ? node_of_object(s.waits_on) : task;
    if (has_object) connect(task, object, "waits on");
    for (const awaited_task& t : s.waits_for) {
      if (t.relation == wait_relation::owner)
        connect(object, node_of_task(t), "held by");
      else
        connect(task, node_of_task(t), t.relation == wait_relation::joined ? "joins" : "awaits");
    }
  }

  using object_key = std::pair<std::string, std::uintptr_t>;

  task_graph made_;
  std::map<task_key, std::size_t> task_nodes_;
  std::map<object_key, std::size_t> objects_;
  std::set<std::tuple<std::size_t, std::size_t, std::string_view>> edges_;
};

/// Returns the graph without the nodes that have no edge.
inline task_graph connected_part(const task_graph& whole) {
  task_graph part;
  constexpr auto none = static_cast<std::size_t>(-1);
  std::vector<std::size_t> numbers(whole.nodes.size(), none);
  for (const graph_edge& edge : whole.edges) numbers[edge.from] = numbers[edge.to] = 0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] == none) continue;
    numbers[i] = part.nodes.size();
    part.nodes.push_back(whole.nodes[i]);
  }
  for (const graph_edge& edge : whole.edges) part.edges.push_back({numbers[edge.from], numbers[edge.to], edge.label});
  return part;
}

inline task_graph graph_of(const report& found, const report_limits& limits) { return task_graph_builder(found, limits).take(); }

}  // namespace taskleak::inline v0::detail

#endif
