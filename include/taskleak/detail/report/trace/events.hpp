// SPDX-License-Identifier: MIT
/// \file Makes trace events of tests and tasks ("Trace Event Format", the JSON that chrome://tracing and Perfetto read).
#ifndef TASKLEAK_DETAIL_REPORT_TRACE_EVENTS_HPP
#define TASKLEAK_DETAIL_REPORT_TRACE_EVENTS_HPP

#include <taskleak/detail/report/json/values.hpp>
#include <taskleak/format.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace taskleak::inline v0::detail {

/// Collects the events of a run. What the format calls a process is a test here, so that its tasks are drawn together.
class trace_events {
 public:
  explicit trace_events(const run_report& run) {
    for (const report& found : run.reports)
      for (const straggler& s : found.stragglers)
        if (found.kind == report_kind::leak) add_left_behind(s);
    name_group(group_of_tests, "tests");
    add_tests(run);
    for (const test_time& test : run.tests) group_of(test.name);  // in the order of the run
    for (const task_life& life : run.lives) add(life);
  }

  json_value take() noexcept { return std::move(events_); }

 private:
  static constexpr std::size_t group_of_tests = 1;

  using task_key = std::pair<task_kind, std::uint64_t>;

  /// Returns microseconds, the unit of the format.
  static double us(std::chrono::nanoseconds time) { return std::chrono::duration<double, std::micro>(time).count(); }

  void add_left_behind(const straggler& s) {
    const char* const words = s.verdict == verdict::none ? "left behind" : to_string(s.verdict);
    left_behind_.emplace(task_key{s.kind, s.id}, words);
    for (const std::uint64_t id : s.alike.ids) left_behind_.emplace(task_key{s.kind, id}, words);
  }

  void name_group(std::size_t group, std::string_view name) {
    events_.push_back(
        {{"ph", "M"}, {"name", "process_name"}, {"pid", group}, {"tid", 0}, {"args", {{"name", text_value(name)}}}});
    events_.push_back(
        {{"ph", "M"}, {"name", "process_sort_index"}, {"pid", group}, {"tid", 0}, {"args", {{"sort_index", group}}}});
  }

  std::size_t group_of(const std::string& test) {
    const auto [at, is_new] = groups_.emplace(test, group_of_tests + 1 + groups_.size());
    if (is_new) name_group(at->second, test.empty() ? "the program" : test);
    return at->second;
  }

  void add_tests(const run_report& run) {
    for (const test_time& test : run.tests)
      events_.push_back({{"ph", "X"},
                         {"name", text_value(test.name)},
                         {"cat", test.is_suite ? "suite" : "test"},
                         {"pid", group_of_tests},
                         {"tid", 1},
                         {"ts", us(test.began)},
                         {"dur", us(test.ended - test.began)}});
  }

  void add(const task_life& life) {
    const bool is_thread = life.kind == task_kind::thread;
    const std::size_t group = group_of(life.test);
    std::string name = is_thread ? life.name.empty() ? "thread " + std::to_string(life.id) : life.name : life.name;
    if (name.empty()) name = "coroutine " + std::to_string(life.id);
    json_value args = {{"id", life.id}, {"created_at", text_value(life.created_at)}, {"is_alive", life.is_alive}};
    if (const auto left = left_behind_.find({life.kind, life.id}); left != left_behind_.end() && life.is_alive)
      args["left_behind"] = left->second;
    json_value event = {
        {"ph", is_thread ? "X" : "b"},    {"name", text_value(name)}, {"cat", to_string(life.kind)}, {"pid", group},
        {"tid", is_thread ? life.id : 0}, {"ts", us(life.born)},      {"args", std::move(args)}};
    if (is_thread) {
      event["dur"] = us(std::max(life.ended - life.born, std::chrono::nanoseconds(0)));
      events_.push_back(std::move(event));
      return;
    }
    // coroutines of one test share rows: events of the kind that may overlap, told apart by an id
    event["id"] = address_value(life.id);
    json_value end = {{"ph", "e"}, {"name", text_value(name)}, {"cat", to_string(life.kind)}, {"pid", group},
                      {"tid", 0},  {"ts", us(life.ended)},     {"id", address_value(life.id)}};
    events_.push_back(std::move(event));
    events_.push_back(std::move(end));
  }

  json_value events_ = json_value::array();
  std::map<std::string, std::size_t> groups_;
  std::map<task_key, const char*> left_behind_;
};

}  // namespace taskleak::inline v0::detail

#endif
