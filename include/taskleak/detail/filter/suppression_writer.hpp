// SPDX-License-Identifier: MIT
/// \file Writes a suppression file that leaves out what a run found, so that a legacy suite fails only on what is new.
#ifndef TASKLEAK_DETAIL_FILTER_SUPPRESSION_WRITER_HPP
#define TASKLEAK_DETAIL_FILTER_SUPPRESSION_WRITER_HPP

#include <taskleak/detail/filter/locked_file.hpp>
#include <taskleak/detail/filter/rule.hpp>
#include <taskleak/detail/filter/rules.hpp>
#include <taskleak/detail/filter/straggler_view.hpp>
#include <taskleak/detail/filter/suppression_file.hpp>
#include <taskleak/detail/filter/text.hpp>
#include <taskleak/report.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

struct written_suppressions {
  std::size_t added = 0;            ///< rules appended to the file
  std::vector<std::string> errors;  ///< each names the file, or the task for which there can be no rule
};

/// Makes the pattern of a line that matches this name: what a line cannot hold becomes `?`.
inline std::string pattern_for_line(std::string_view name) {
  std::string pattern(name);
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool at_edge = i == 0 || i + 1 == pattern.size();
    const bool begins_reason = pattern[i] == '#' && i > 0 && is_blank(pattern[i - 1]);
    const bool is_control = static_cast<unsigned char>(pattern[i]) < 0x20;
    if (begins_reason || is_control || (at_edge && is_blank(pattern[i]))) pattern[i] = '?';
  }
  return pattern;
}

/// Returns the first function of the user's own; empty when all are plumbing, which is on too many stacks to go by.
inline std::string_view first_own_function(const std::vector<frame>& stack) {
  for (const frame& f : stack)
    if (!f.plumbing && !f.function.empty()) return f.function;
  return {};
}

/// Makes the rule that leaves this straggler out: by its creator, else by its top function, else by its name.
///
/// `main` is no creator to go by: every thread that the main thread starts has it at the bottom of its creation stack.
inline std::optional<rule> rule_for(const straggler& found) {
  const auto make = [](rule_kind kind, std::string_view name) {
    rule made;
    made.kind = kind;
    made.origin = rule_origin::file;
    made.pattern = pattern_for_line(name);
    return made;
  };
  const std::string_view creator = first_own_function(found.creation_stack);
  if (!creator.empty() && split_function(creator).base() != "main") return make(rule_kind::created_by, creator);
  const std::vector<const frame*> shown = shown_frames(found.stack);
  const frame* top = shown.empty() || shown.front()->function.empty() ? nullptr : shown.front();
  if (top && !top->plumbing) return make(rule_kind::top_function, top->function);
  if (!found.name.empty()) return make(rule_kind::name, found.name);
  if (top) return make(rule_kind::top_function, top->function);
  return std::nullopt;
}

/// A rule to be written and the scopes that left its stragglers.
struct new_suppression {
  std::string text;
  std::vector<std::string> scopes;

  void add_scope(const std::string& scope) {
    const std::string shown = scope.empty() ? "the program" : scope;
    if (std::find(scopes.begin(), scopes.end(), shown) == scopes.end()) scopes.push_back(shown);
  }

  std::string line() const {
    constexpr std::size_t most = 3;
    std::string names;
    for (std::size_t i = 0; i < std::min(scopes.size(), most); ++i) names.append(i ? ", " : "").append(scopes[i]);
    if (scopes.size() > most) names += fmt::format(" and {} more", scopes.size() - most);
    std::replace_if(
        names.begin(), names.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return fmt::format("{}  # left by {}\n", text, names);
  }
};

/// Returns the lines a file with this text needs, so that it leaves out all of the stragglers.
inline std::vector<new_suppression> missing_suppressions(std::string_view file_text, const std::string& path,
                                                         const std::vector<straggler>& found, std::vector<std::string>& errors) {
  suppression_file there = parse_suppressions(file_text, path);
  errors.insert(errors.end(), there.errors.begin(), there.errors.end());
  rule_set known;
  for (rule& r : there.rules) known.add(std::move(r));
  std::vector<new_suppression> missing;
  for (const straggler& one : found) {
    if (known.match(one, 0)) continue;
    const std::optional<rule> needed = rule_for(one);
    if (!needed) {
      errors.push_back(fmt::format("{}: no rule can be written for {} {}, which has neither known functions nor a name", path,
                                   one.kind == task_kind::thread ? "thread" : "coroutine", one.id));
      continue;
    }
    const std::string text = needed->text();
    auto same = std::find_if(missing.begin(), missing.end(), [&](const new_suppression& m) { return m.text == text; });
    if (same == missing.end()) same = missing.insert(missing.end(), new_suppression{text, {}});
    same->add_scope(one.scope);
  }
  return missing;
}

/// Appends the rules that are missing to the file, which is made when it is not there; what it holds stays, byte for byte.
///
/// Test programs that run at the same time may write the same file: each reads and appends under the file's lock.
inline written_suppressions write_suppressions(const std::string& path, const std::vector<straggler>& found) {
  written_suppressions result;
  const auto fail = [&](int error) {
    result.errors.push_back(fmt::format("cannot write the suppressions '{}': {}", path, system_message(error)));
    return result;
  };
  locked_file file(path);
  std::string before;
  if (file.error() || !file.read_all(before)) return fail(file.error());

  const std::vector<new_suppression> missing = missing_suppressions(before, path, found, result.errors);
  std::string added;
  if (before.empty())
    added = "# Tasks that taskleak leaves out: one kind:glob  # reason a line. Delete a line once its leak is mended.\n";
  else if (!missing.empty() && before.back() != '\n')
    added = "\n";
  for (const new_suppression& one : missing) added += one.line();
  if (!file.append(added)) return fail(file.error());
  result.added = missing.size();
  return result;
}

}  // namespace taskleak::inline v0::detail

#endif
