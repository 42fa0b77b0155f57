// SPDX-License-Identifier: MIT
/// \file The rules of one check: which stragglers it leaves out, how long it waits, and what it runs first.
#ifndef TASKLEAK_DETAIL_FILTER_RULES_HPP
#define TASKLEAK_DETAIL_FILTER_RULES_HPP

#include <taskleak/detail/filter/guarded_call.hpp>
#include <taskleak/detail/filter/rule.hpp>
#include <taskleak/detail/filter/straggler_view.hpp>
#include <taskleak/detail/filter/suppression_file.hpp>
#include <taskleak/options.hpp>
#include <taskleak/report.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// The largest watermark of the options, without making a rule set: tasks up to that epoch are ignored.
inline std::uint64_t watermark_of(const options& given) noexcept {
  std::uint64_t highest = 0;
  for (const option* o = given.first(); o; o = o->next)
    if (o->kind == option_kind::ignore_current) highest = std::max(highest, o->watermark);
  return highest;
}

/// Made from a check's own options, then append()ed to with the rules of the run, which go on counting for the run.
///
/// Several threads may check at the same time, each with a rule set of its own; the hits of rules they share add up.
class rule_set {
 public:
  rule_set() = default;

  /// Takes options over, and reads the suppression files they name. `place` is where they were given, for errors.
  explicit rule_set(const options& given, std::string_view place = {}) {
    for (const option* o = given.first(); o; o = o->next) take(*o, place);
  }

  void add(rule added) { insert(std::make_shared<rule>(std::move(added))); }

  /// Adds the rules of a suppression file; what is wrong with it is among errors().
  void add_file(const std::string& path) {
    suppression_file read = read_suppressions(path);
    for (rule& made : read.rules) add(std::move(made));
    for (std::string& error : read.errors) errors_.push_back(std::move(error));
  }

  /// Adds the other's rules, and its wait where there is none yet; neither its cleanups nor its errors, which it keeps.
  void append(const rule_set& other) {
    for (const std::shared_ptr<rule>& shared : other.rules_) insert(shared);
    if (!wait_) wait_ = other.wait_;
  }

  /// Whether an ignore_current() covers this epoch; needs no look at the task, and counts no hit.
  bool match_current(std::uint64_t epoch) const noexcept { return watermark_ && epoch <= *watermark_; }

  /// Whether any rule needs a straggler's names, stacks or state.
  bool needs_inspection() const noexcept {
    return std::any_of(rules_.begin(), rules_.end(), [](const auto& r) { return r->kind != rule_kind::current; });
  }

  /// Returns the first rule that leaves the straggler out, and counts that; null when none does.
  /// A predicate that throws does not match, and adds to errors(). The rule lives as long as this set.
  const rule* match(const straggler& found, std::uint64_t epoch) {
    straggler_view view(found);
    for (const std::shared_ptr<rule>& candidate : rules_) {
      if (!matches(*candidate, view, epoch)) continue;
      ++candidate->hits;
      return candidate.get();
    }
    return nullptr;
  }

  /// How long to wait for tasks to end; empty when no option says.
  std::optional<std::chrono::nanoseconds> wait() const noexcept { return wait_; }

  /// Runs the cleanups in the order given, all of them; one that throws adds to errors().
  void run_cleanups() {
    for (const owned_function<void()>& cleanup : cleanups_)
      if (std::string thrown = what_it_throws([&] { cleanup(); }); !thrown.empty())
        add_error(fmt::format("cleanup() threw: {}", thrown));
  }

  /// What was wrong with the rules so far, one line each; look again after match() and run_cleanups().
  const std::vector<std::string>& errors() const noexcept { return errors_; }

  /// Lists the rules that never left out a straggler. Built-in rules and ignore_current() are not expected to.
  std::vector<std::string> unused() const {
    std::vector<std::string> lines;
    for (const std::shared_ptr<rule>& r : rules_) {
      if (r->hits != 0 || r->origin == rule_origin::built_in || r->kind == rule_kind::current) continue;
      const std::string place = r->origin == rule_origin::file ? r->source + ' ' : std::string();
      lines.push_back(fmt::format("unused suppression: {}{}", place, r->text()));
    }
    return lines;
  }

 private:
  static rule_kind kind_of(option_kind kind) noexcept {
    switch (kind) {
      case option_kind::ignore_top_function: return rule_kind::top_function;
      case option_kind::ignore_any_function: return rule_kind::any_function;
      case option_kind::ignore_created_by: return rule_kind::created_by;
      case option_kind::ignore_name: return rule_kind::name;
      case option_kind::ignore_state: return rule_kind::state;
      case option_kind::ignore_task: return rule_kind::task;
      default: return rule_kind::current;
    }
  }

  void take(const option& o, std::string_view place) {
    const std::string prefix = place.empty() ? std::string() : fmt::format("{}: ", place);
    switch (o.kind) {
      case option_kind::wait_up_to: wait_ = std::chrono::nanoseconds(o.wait_ns); return;
      case option_kind::cleanup: cleanups_.push_back(o.action); return;
      case option_kind::suppressions:
        if (o.text && *o.text)
          add_file(o.text);
        else
          errors_.push_back(prefix + "suppressions(): empty path");
        return;
      default: break;
    }
    rule made;
    made.kind = kind_of(o.kind);
    made.source = fmt::format("ignore_{}", to_string(made.kind));
    made.pattern = o.text ? o.text : "";
    made.reason = o.reason ? o.reason : "";
    made.watermark = o.watermark;
    made.predicate = owned_function<bool(const task&)>(o.predicate);
    if (made.kind != rule_kind::current && made.kind != rule_kind::task && made.pattern.empty()) {
      errors_.push_back(fmt::format("{}{}(): empty pattern", prefix, made.source));
      return;
    }
    add(std::move(made));
  }

  void insert(std::shared_ptr<rule> added) {
    if (added->kind == rule_kind::current) watermark_ = std::max(watermark_.value_or(0), added->watermark);
    auto at = rules_.end();
    while (at != rules_.begin() && added->origin < at[-1]->origin) --at;
    rules_.insert(at, std::move(added));
  }

  bool matches(const rule& r, straggler_view& view, std::uint64_t epoch) {
    switch (r.kind) {
      case rule_kind::current: return epoch <= r.watermark;
      case rule_kind::top_function: return view.top_function_matches(r.pattern);
      case rule_kind::any_function: return view.any_function_matches(r.pattern);
      case rule_kind::created_by: return view.created_by_matches(r.pattern);
      case rule_kind::name: return view.name_matches(r.pattern);
      case rule_kind::state: return view.state_matches(r.pattern);
      case rule_kind::task: return predicate_matches(r, view);
    }
    return false;
  }

  bool predicate_matches(const rule& r, straggler_view& view) {
    if (!r.predicate) return false;
    bool answer = false;
    const std::string thrown = what_it_throws([&] { answer = r.predicate(view.as_task()); });
    if (thrown.empty()) return answer;
    add_error(fmt::format("{}: the predicate threw: {}", r.text(), thrown));
    return false;
  }

  /// A predicate is asked once a straggler: the same complaint need not be made as often.
  void add_error(std::string error) {
    if (std::find(errors_.begin(), errors_.end(), error) == errors_.end()) errors_.push_back(std::move(error));
  }

  std::vector<std::shared_ptr<rule>> rules_;  ///< by origin, then as given
  std::vector<owned_function<void()>> cleanups_;
  std::vector<std::string> errors_;
  std::optional<std::chrono::nanoseconds> wait_;
  std::optional<std::uint64_t> watermark_;
};

}  // namespace taskleak::inline v0::detail

#endif
