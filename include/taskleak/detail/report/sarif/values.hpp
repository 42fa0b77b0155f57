// SPDX-License-Identifier: MIT
/// \file Makes the parts of a SARIF file: places, stacks, results and the rules that they break. The numbers of sections are
/// those of OASIS's "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
#ifndef TASKLEAK_DETAIL_REPORT_SARIF_VALUES_HPP
#define TASKLEAK_DETAIL_REPORT_SARIF_VALUES_HPP

#include <taskleak/detail/report/findings.hpp>
#include <taskleak/detail/report/json/values.hpp>
#include <taskleak/report.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

struct sarif_rule {
  std::string_view id;
  std::string_view name;
  std::string_view text;
  std::string_view help;  ///< what to do about it
};

inline constexpr sarif_rule sarif_rules[] = {
    {"left-behind", "TaskLeftBehind", "A thread or coroutine is alive after the test that created it.",
     "Stop it before the test ends, and wait for its end: join the thread, or await the coroutine."},
    {"orphaned", "OrphanedTask", "A task is parked, and nothing that can still run can reach what it waits for.",
     "Whoever was to wake it has gone. Close the queue, or wake and join the waiter, in the destructor of what it waits for."},
    {"deadlocked", "DeadlockedTasks", "Tasks wait for each other in a cycle.",
     "Take the locks of the cycle in one order everywhere, or all at once by std::scoped_lock."},
    {"owned", "TaskOfStatic", "A thread that a static object owns is alive after the test that created it.",
     "Stop the thread before the test ends, or let statics=judge leave it to the end of the program."},
    {"held", "HeldTask", "A parked task is alive after its test, and something that can still run can reach what it waits for.",
     "Stop it before the test ends: what holds it, and by which path, is in the report."},
    {"self-ending", "SelfEndingTask", "A task ends by itself, later than the test that created it.",
     "Wait for its end in the test, or give it a way to be stopped early."},
    {"polling", "PollingTask", "A task wakes, looks and goes back to the same wait, after the test that created it.",
     "Stop the loop, and wait for its end, before the test ends."},
    {"hang", "TestThatHangs", "A test, or the program, does not end.", "Every thread, and what it waits for, is in the report."},
    {"unrest", "TasksNotParked", "Threads still run when wait_until_parked() has given up.",
     "Give them more time by wait_up_to(), or leave out by a rule those that never rest."},
    {"bad-options", "BadOptions", "The options of a check have a mistake.", "The message names the mistake and its place."},
};

inline std::size_t number_of_rule(std::string_view id) noexcept {
  std::size_t n = 0;
  while (n + 1 < std::size(sarif_rules) && sarif_rules[n].id != id) ++n;
  return n;
}

inline json_value message_value(std::string_view text) { return {{"text", lines_value(text)}}; }

/// Returns the path as a relative reference, or a file URI of an absolute path (RFC 3986).
inline std::string uri_of(std::string_view path) {
  std::string uri = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          std::string_view("/-._~").find(c) != std::string_view::npos;
    const auto byte = static_cast<unsigned char>(c);
    if (is_plain)
      uri += c;
    else
      uri.append(1, '%').append(1, "0123456789ABCDEF"[byte >> 4]).append(1, "0123456789ABCDEF"[byte & 15]);
  }
  return uri;
}

/// Returns an artifactLocation (3.4); `root` is that of the sources.
inline json_value artifact_value(const std::string& file, std::string_view root) {
  const std::string path = path_from_root(file, root);
  json_value made = {{"uri", uri_of(path)}};
  if (!path.starts_with('/')) made["uriBaseId"] = "SRCROOT";
  return made;
}

/// Returns a location (3.28); a part that is not known is left out.
inline json_value location_value(const std::string& file, unsigned line, std::string_view function, std::string_view root) {
  json_value made = json_value::object();
  if (!file.empty()) {
    made["physicalLocation"] = {{"artifactLocation", artifact_value(file, root)}};
    if (line > 0) made["physicalLocation"]["region"] = {{"startLine", line}};
  }
  if (!function.empty()) made["logicalLocations"] = {{{"fullyQualifiedName", text_value(function)}, {"kind", "function"}}};
  return made;
}

/// Returns a stack (3.44) without plumbing; a value of null for one that has nothing else.
inline json_value sarif_stack(std::string_view title, const std::vector<frame>& stack, std::uint64_t thread,
                              std::string_view root, const report_limits& limits) {
  json_value frames = json_value::array();
  for (const frame& f : stack) {
    if (f.plumbing && !limits.all_frames) continue;
    json_value made = {{"location", location_value(f.file, f.line, f.function, root)}};
    if (!f.module.empty()) made["module"] = text_value(f.module);
    if (thread != 0) made["threadId"] = thread;
    frames.push_back(std::move(made));
  }
  if (frames.empty()) return {};
  return {{"message", message_value(title)}, {"frames", std::move(frames)}};
}

/// Returns a result (3.27). GitHub takes none without a place, so one that has no line is shown at the program.
inline json_value result_value(const finding& one, const std::string& program, std::string_view root,
                               const report_limits& limits) {
  std::string text = one.title();
  if (const std::string more = one.text(); !more.empty() && more != text) text.append("\n").append(more);
  json_value made = {{"ruleId", one.rule()},
                     {"ruleIndex", number_of_rule(one.rule())},
                     {"level", one.fails ? "error" : "warning"},
                     {"message", message_value(text)}};
  const bool has_place = !one.file.empty();
  made["locations"] = {
      location_value(has_place ? one.file : program, has_place && one.line > 0 ? one.line : 1, one.function, root)};
  if (one.first) {
    const straggler& s = *one.first;
    json_value stacks = json_value::array();
    const std::uint64_t thread = s.kind == task_kind::thread ? s.id : 0;
    if (json_value v = sarif_stack("where it is", s.stack, thread, root, limits); !v.is_null()) stacks.push_back(std::move(v));
    if (json_value v = sarif_stack("where it was created", s.creation_stack, 0, root, limits); !v.is_null())
      stacks.push_back(std::move(v));
    if (!stacks.empty()) made["stacks"] = std::move(stacks);
  }
  if (one.kind == finding_kind::leak) made["occurrenceCount"] = one.threads + one.coroutines;
  made["partialFingerprints"] = {{"taskleak/v1", one.fingerprint()}};
  made["properties"] = {{"scopes", texts_value(one.scopes)}};
  return made;
}

inline json_value rules_value() {
  return array_value(sarif_rules, [](const sarif_rule& rule) -> json_value {
    return {{"id", rule.id},
            {"name", rule.name},
            {"shortDescription", message_value(rule.text)},
            {"fullDescription", message_value(rule.text)},
            {"help", message_value(rule.help)}};
  });
}

}  // namespace taskleak::inline v0::detail

#endif
