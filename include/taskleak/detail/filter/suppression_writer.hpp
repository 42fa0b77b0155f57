// SPDX-License-Identifier: MIT
/// \file Writes a suppression file that leaves out what a run found, so that a legacy suite fails on new leaks only.
#ifndef TASKLEAK_DETAIL_FILTER_SUPPRESSION_WRITER_HPP
#define TASKLEAK_DETAIL_FILTER_SUPPRESSION_WRITER_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/base/text.hpp>
#include <taskleak/detail/base/visible.hpp>
#include <taskleak/detail/filter/rule.hpp>
#include <taskleak/detail/filter/rules.hpp>
#include <taskleak/detail/filter/short_pattern.hpp>
#include <taskleak/detail/filter/suppression_file.hpp>
#include <taskleak/detail/filter/telling_functions.hpp>
#include <taskleak/detail/inspect/known_pools.hpp>
#include <taskleak/detail/platform/bounded_file.hpp>
#include <taskleak/detail/platform/locked_file.hpp>
#include <taskleak/detail/registry/current.hpp>
#include <taskleak/detail/symbols/module.hpp>
#include <taskleak/report.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

struct written_suppressions {
  std::size_t added = 0;            ///< how many rules were appended to the file
  std::vector<std::string> errors;  ///< errors, each with the file, or with the task for which there can be no rule
};

/// Limits the bytes of a written rule: nobody mends a rule that nobody can read.
inline constexpr std::size_t longest_written_rule = 170;
inline constexpr std::size_t longest_written_line = 200;
inline constexpr std::size_t longest_written_name = 60;  ///< the most bytes of a test's or a thread's name

/// Makes the glob of a thread's name or a scope, in which numbers change from run to run.
inline std::string pattern_without_numbers(std::string_view name) {
  std::string pattern;
  for (const char c : name) {
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_digit)
      pattern += c;
    else if (pattern.empty() || pattern.back() != '*')
      pattern += '*';
  }
  // a glob of nothing but stars would name everything
  if (pattern.find_first_not_of('*') == std::string::npos) pattern = name;
  return cut_pattern(pattern_for_line(pattern), longest_written_name);
}

/// Whether the program has given the thread a name: a thread without one bears its creator's name, in the end the program's.
inline bool has_name_of_its_own(const straggler& found) {
  const std::string path = executable_path();
  constexpr std::size_t longest_thread_name = 15;  // the kernel's limit
  return !found.name.empty() && found.name != file_name_of(path).substr(0, longest_thread_name);
}

/// Puts conditions on functions in front of the rule's other conditions, each as long as there is room for.
inline void put_functions_first(light_vector<std::pair<rule_kind, std::string>> parts, rule& into) {
  constexpr std::size_t least = 30;  // a name that is cut further matches too much: one function less is better
  constexpr std::string_view sign = " && ";
  for (;;) {
    std::size_t room = longest_written_rule - std::min(into.text().size(), longest_written_rule / 2);
    std::vector<std::size_t> lengths;
    for (const auto& [kind, name] : parts) {
      room -= std::min(room, std::string_view(to_string(kind)).size() + 1 + sign.size());
      lengths.push_back(name.size());
    }
    const std::size_t share = fair_share(lengths, room);
    if (share < least && parts.size() > 3) {
      // a creator in between tells less than the innermost and the outermost one
      std::move(parts.begin() + 2, parts.end(), parts.begin() + 1);
      parts.pop_back();
      continue;
    }
    light_vector<rule_condition> conditions;
    for (const auto& [kind, name] : parts) conditions.push_back({kind, pattern_for_function(name, share), 0, {}, nullptr});
    std::move(into.conditions.begin(), into.conditions.end(), std::back_inserter(conditions));
    into.conditions = std::move(conditions);
    return;
  }
}

/// Makes a rule that leaves out this straggler and as few others as possible, by the functions that created it and the function
/// that it runs. Only if these have no function of the user's, or are all of one class, the rule goes by the scope as well, which
/// may change with the order of tests.
///
/// Returns no rule if the straggler has nothing that stays the same until the next run.
inline std::optional<rule> rule_for(const straggler& found) {
  if (const std::string of_pool = rule_of_pool(found); !of_pool.empty())
    return std::move(parse_suppressions(of_pool, {}).rules.front());
  rule made;
  made.origin = rule_origin::file;
  const auto add = [&](rule_kind kind, std::string pattern) {
    made.conditions.push_back({kind, std::move(pattern), 0, {}, nullptr});
  };
  const bool is_coroutine = found.kind == task_kind::coroutine;
  frame own;
  own.function = found.name;
  telling_functions creators, start;
  for (const telling_side side : {telling_side::users, telling_side::libraries_too}) {
    if (!start.has_whole_name) start = is_coroutine ? telling_start({own}, side) : telling_start(found.stack, side);
    if (!creators.has_whole_name) creators = telling_creators(found.creation_stack, side);
    if (creators.has_whole_name && !start.names.empty()) break;
  }

  const rule_kind kind_of_start = is_coroutine ? rule_kind::name : rule_kind::any_function;
  light_vector<std::pair<rule_kind, std::string>> parts;
  for (const std::string& name : creators.names) parts.emplace_back(rule_kind::created_by, name);
  for (const std::string& name : start.names) parts.emplace_back(kind_of_start, name);

  const bool has_scope = !found.scope.empty();
  // the number in the test's name does not help, but the test is the creator: in any order the task is in that test's scope
  const bool by_test = creators.passed_numbered_test && creators.names.size() < 2 && has_scope;
  if (!is_coroutine && start.names.empty())
    if (const std::string_view library = library_of_start(found.stack); !library.empty())
      add(rule_kind::any_function, pattern_for_line(library) + '*');
  if (!is_coroutine && start.names.empty() && has_name_of_its_own(found))
    add(rule_kind::name, pattern_without_numbers(found.name));
  // and so it is where the test has called a class that says nothing of the task, and has left the stack by that
  const bool by_caller = has_scope && found.created_by == name_of_main_thread && are_of_one_class(creators, start);
  if (by_test || by_caller || (has_scope && !creators.has_whole_name && !start.has_whole_name)) {
    const std::string_view guard = "the guard at ";
    add(rule_kind::scope, found.scope.starts_with(guard) ? pattern_without_numbers(found.scope)
                                                         : cut_pattern(pattern_for_line(found.scope), longest_written_name));
  }
  if (parts.empty() && made.conditions.empty()) {
    if (found.name.empty()) return std::nullopt;
    add(rule_kind::name, is_coroutine ? pattern_for_function(found.name, longest_written_name)
                                      : cut_pattern(pattern_for_line(found.name), longest_written_name));
  }
  put_functions_first(std::move(parts), made);
  return made;
}

/// Holds a rule to be written and the scopes that left its stragglers.
struct new_suppression {
  std::string text;
  std::vector<std::string> scopes;

  void add_scope(const std::string& scope) {
    const std::string shown = scope.empty() ? "the program" : scope;
    if (detail::find(scopes.begin(), scopes.end(), shown) == scopes.end()) scopes.push_back(shown);
  }

  std::string line() const {
    constexpr std::string_view by = "  # left by ";
    const std::size_t room = longest_written_line - std::min(text.size() + by.size(), longest_written_line - least_for_scopes);
    std::string names = scopes_in_words(3);
    for (std::size_t most = 2; names.size() > room && most > 0; --most) names = scopes_in_words(most);
    if (names.size() > room) names = names.substr(0, begin_of_character(names, room - 3)) + "...";
    return fmt::format("{}{}{}\n", text, by, names);
  }

 private:
  static constexpr std::size_t least_for_scopes = 20;

  std::string scopes_in_words(std::size_t most) const {
    std::string names;
    for (std::size_t i = 0; i < std::min(scopes.size(), most); ++i) names.append(i ? ", " : "").append(on_one_line(scopes[i]));
    if (scopes.size() > most) names += fmt::format(" and {} more", scopes.size() - most);
    return names;
  }
};

/// Returns the rules that a file with this text lacks in order to leave out all of the stragglers.
inline light_vector<new_suppression> missing_suppressions(std::string_view file_text, const std::string& path,
                                                          const std::vector<straggler>& found, std::vector<std::string>& errors) {
  suppression_file there = parse_suppressions(file_text, path);
  errors.insert(errors.end(), there.errors.begin(), there.errors.end());
  rule_set known;
  for (rule& r : there.rules) known.add(std::move(r));
  light_vector<new_suppression> missing;
  const auto with_text = [&](const std::string& text) {
    return detail::find_if(missing.begin(), missing.end(), [&](const new_suppression& m) { return m.text == text; });
  };
  rule_set added;
  for (const straggler& one : found) {
    if (known.match(one, 0)) continue;
    if (const rule* const covering = added.match(one, 0)) {
      with_text(covering->text())->add_scope(one.scope);
      continue;
    }
    std::optional<rule> needed = rule_for(one);
    if (!needed) {
      errors.push_back(fmt::format("{}: no rule can be written for {} {}, which has neither known functions nor a name", path,
                                   to_string(one.kind), one.id));
      continue;
    }
    const std::string text = needed->text();
    auto same = with_text(text);
    if (same == missing.end()) same = &missing.emplace_back(new_suppression{text, {}});
    added.add(std::move(*needed));
    same->add_scope(one.scope);
  }
  return missing;
}

/// Reads a file to which rules are to be added; returns why none can be added, or an empty text.
inline std::string read_file_to_write(locked_file& file, std::string& text) {
  constexpr std::size_t most = suppression_limits::bytes;
  if (file.error()) return system_message(file.error());
  if (!file.is_regular()) return "it is no regular file";
  if (!file.read_all(text, most)) return system_message(file.error());
  if (text.size() > most) return too_large(most);
  if (text.find('\0') != std::string::npos) return "it holds a NUL byte, and is no text file";
  return {};
}

inline std::string cannot_write(const std::string& path, const std::string& why) {
  return fmt::format("cannot write the suppressions '{}': {}", path, why);
}

/// Makes the file if it is not there, and returns its errors: better before the tests than after an hour of them.
inline std::vector<std::string> errors_of_file_to_write(const std::string& path) {
  locked_file file(path);
  std::string text;
  if (const std::string why = read_file_to_write(file, text); !why.empty()) return {cannot_write(path, why)};
  return parse_suppressions(text, path).errors;
}

/// Appends the missing rules to the file, which is made if it is not there; its old content stays, byte for byte.
///
/// Test programs that run at the same time may write the same file: each reads and appends under the file's lock.
inline written_suppressions write_suppressions(const std::string& path, const std::vector<straggler>& found) {
  written_suppressions result;
  locked_file file(path);
  std::string before;
  if (const std::string why = read_file_to_write(file, before); !why.empty()) {
    result.errors.push_back(cannot_write(path, why));
    return result;
  }

  const light_vector<new_suppression> missing = missing_suppressions(before, path, found, result.errors);
  std::string added;
  if (before.empty())
    added = "# Tasks that taskleak leaves out: one kind:glob  # reason a line. Delete a line once its leak is mended.\n";
  else if (!missing.empty() && before.back() != '\n')
    added = "\n";
  for (const new_suppression& one : missing) added += one.line();
  if (file.append(added))
    result.added = missing.size();
  else
    result.errors.push_back(cannot_write(path, system_message(file.error())));
  return result;
}

}  // namespace taskleak::inline v0::detail

#endif
