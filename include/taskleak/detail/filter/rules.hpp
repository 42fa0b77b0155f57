// SPDX-License-Identifier: MIT
/// \file Holds the rules of one check: which stragglers are left out, how long to wait, and what to run first.
#ifndef TASKLEAK_DETAIL_FILTER_RULES_HPP
#define TASKLEAK_DETAIL_FILTER_RULES_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/guarded_call.hpp>
#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/filter/built_in_rules.hpp>
#include <taskleak/detail/filter/chosen_action.hpp>
#include <taskleak/detail/filter/rule.hpp>
#include <taskleak/detail/filter/rule_table.hpp>
#include <taskleak/detail/filter/statics_action.hpp>
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

/// Holds a check's own options, to which append() adds the rules of the run; these go on counting hits for the run.
///
/// Several threads may check at the same time, each with a rule set of its own; the hits of shared rules add up.
class rule_set {
 public:
  rule_set() = default;

  /// Takes over options, and reads the suppression files that they name. `place` says in errors where the options were given.
  explicit rule_set(const options& given, std::string_view place = {}) {
    for (const option* o = given.first(); o; o = o->next) take(*o, place);
  }

  /// Whether the options have an effect where no task is left: a cleanup is to be run, a file to be read, or a mistake to be
  /// told. Costs less than a rule set, which allocates.
  static bool act_without_tasks(const options& given) noexcept {
    for (const option* o = given.first(); o; o = o->next) {
      const bool lacks_pattern = o->kind == option_kind::ignore && word_of(o->rule).has_pattern && !(o->text && *o->text);
      if (lacks_pattern || o->kind == option_kind::cleanup || o->kind == option_kind::suppressions) return true;
    }
    return false;
  }

  void add(rule added) {
    for (const rule_condition& c : added.conditions)
      if (added.is_current()) watermark_ = std::max(watermark_.value_or(0), c.watermark);
    if (!own_) own_ = std::make_shared<rule_table>();
    own_->add(std::move(added));
  }

  /// Adds the rules of a suppression file; its mistakes are added to errors().
  void add_file(const std::string& path) { add(read_suppressions(path)); }

  /// Adds the rules and errors of a suppression file that has been read.
  void add(suppression_file read) {
    for (rule& made : read.rules) add(std::move(made));
    for (std::string& error : read.errors) errors_.push_back(std::move(error));
  }

  /// Adds the rules of another set, and its wait if this set has none; the other keeps its cleanups and errors. The rules are
  /// shared, however many there are: no more may be added to the other set while this set is in use.
  void append(const rule_set& other) {
    if (other.own_) shared_.push_back(other.own_);
    shared_.append(other.shared_.begin(), other.shared_.end());
    if (other.watermark_) watermark_ = std::max(watermark_.value_or(0), *other.watermark_);
    if (!wait_) wait_ = other.wait_;
    if (!fail_after_) fail_after_ = other.fail_after_;
    if (statics_ == statics_action::judge || other.statics_ == statics_action::ignore) {
      statics_ = other.statics_;
      reason_of_statics_ = other.reason_of_statics_;
    }
    ignores_known_pools_ = ignores_known_pools_ || other.ignores_known_pools_;
    asks_predicates_ = asks_predicates_ || other.asks_predicates_;
  }

  /// Sets whether idle workers of well-known pools are left out as well; without a call they are not.
  void ignore_known_pools(bool wanted) noexcept { ignores_known_pools_ = wanted; }
  bool ignores_known_pools() const noexcept { return ignores_known_pools_; }

  /// Sets what is done about threads that static objects own, unless ignore_held_by_static() has said it.
  void treat_statics(statics_action how) noexcept {
    if (statics_ != statics_action::ignore) statics_ = how;
  }
  statics_action statics() const noexcept { return statics_; }
  /// Returns the reason of ignore_held_by_static(), if there is one.
  const std::string& reason_of_statics() const noexcept { return reason_of_statics_; }

  /// Whether an ignore_current() covers this epoch. Needs no look at the task, and counts no hit.
  bool match_current(std::uint64_t epoch) const noexcept { return watermark_ && epoch <= *watermark_; }

  /// Whether any rule needs a straggler's names, stacks or state.
  bool needs_inspection() const noexcept {
    return (own_ && own_->looks) ||
           detail::any_of(shared_.begin(), shared_.end(), [](const auto& table) { return table->looks; });
  }

  /// Whether a predicate is among the rules. A predicate has to be asked of each task, while other rules say the same of all
  /// tasks that are alike.
  bool asks_predicates() const noexcept { return asks_predicates_; }

  /// Returns the first rule that leaves the straggler out, and counts the hit; null when none does. Only rules are tried that can
  /// be answered by facets that are known or may be looked up. A predicate that throws does not match, and adds to errors(). The
  /// rule lives as long as this set.
  const rule* match(straggler_view& view, std::uint64_t epoch) {
    for (std::size_t origin = 0; origin < rule_origin_count; ++origin)
      for (std::size_t i = 0; i <= shared_.size(); ++i)
        if (const rule_table* const table = table_at(i))
          if (const rule* const matching = match_in(table->of[origin], view, epoch)) return matching;
    return match_built_in(view, epoch);
  }

  /// Returns the first rule that leaves out a straggler of which everything is known, and counts the hit; null when none does.
  const rule* match(const straggler& found, std::uint64_t epoch, const scope* charged_to = nullptr) {
    straggler_view view(found, charged_to);
    return match(view, epoch);
  }

  /// Tries only the built-in rules, which are about unannounced threads.
  const rule* match_built_in(straggler_view& view, std::uint64_t epoch) {
    return match_in(built_in_rules().of[static_cast<std::size_t>(rule_origin::built_in)], view, epoch);
  }

  /// Returns how long to wait for tasks to end; empty when no option says.
  std::optional<std::chrono::nanoseconds> wait() const noexcept { return wait_; }
  std::optional<std::chrono::nanoseconds> fail_after() const noexcept { return fail_after_; }

  /// Whether a wait that ends by itself counts as parked.
  bool counts_timed_waits() const noexcept { return counts_timed_waits_; }

  /// Returns what is to be done about what is left; empty when no option says. append() does not take it over.
  chosen_action on_leak() const noexcept { return on_leak_; }

  /// Runs all cleanups in the order given; a cleanup that throws adds to errors().
  void run_cleanups() {
    for (const owned_function<void()>& cleanup : cleanups_)
      if (std::string thrown = what_it_throws([&] { cleanup(); }); !thrown.empty())
        add_error(fmt::format("cleanup() threw: {}", thrown));
  }

  /// Returns the errors of the rules so far, one line each; match() and run_cleanups() may add more.
  const std::vector<std::string>& errors() const noexcept { return errors_; }

  /// Returns the rules that never left out a straggler, except rules of libraries, built-in rules and ignore_current(), which
  /// need not.
  std::vector<std::string> unused() const {
    std::vector<std::string> lines;
    for (const rule_origin origin : {rule_origin::option, rule_origin::file})
      for (std::size_t i = 0; i <= shared_.size(); ++i) {
        const rule_table* const table = table_at(i);
        if (!table) continue;
        for (const auto& r : table->of[static_cast<std::size_t>(origin)].rules()) {
          if (r->hits != 0 || r->is_current()) continue;
          lines.push_back(fmt::format("unused suppression: {}{}{}", r->source, r->source.empty() ? "" : " ", r->text()));
        }
      }
    return lines;
  }

 private:
  /// Returns the check's own rules for 0, then the shared rules of the run; null for own rules that do not exist.
  const rule_table* table_at(std::size_t i) const noexcept { return i == 0 ? own_.get() : shared_[i - 1].get(); }

  const rule* match_in(const rule_list& list, straggler_view& view, std::uint64_t epoch) {
    rule_question asked{view, epoch};
    rule* const matching = list.first_match(asked);
    for (const std::string& thrown : asked.thrown) add_error(fmt::format("ignore_task(): the predicate threw: {}", thrown));
    if (matching) ++matching->hits;
    return matching;
  }

  void take(const option& o, std::string_view place) {
    const std::string prefix = place.empty() ? std::string() : fmt::format("{}: ", place);
    switch (o.kind) {
      case option_kind::wait_up_to: wait_ = std::chrono::nanoseconds(o.wait_ns); return;
      case option_kind::fail_after: fail_after_ = std::chrono::nanoseconds(o.wait_ns); return;
      case option_kind::cleanup: cleanups_.push_back(o.action); return;
      case option_kind::on_leak: on_leak_ = o.action_on_leak; return;
      case option_kind::timed_waits_too: counts_timed_waits_ = true; return;
      case option_kind::held_by_static:
        statics_ = statics_action::ignore;
        reason_of_statics_ = o.reason ? o.reason : "";
        return;
      case option_kind::suppressions:
        if (o.text && *o.text)
          add_file(o.text);
        else
          errors_.push_back(prefix + "suppressions(): empty path");
        return;
      case option_kind::ignore: break;
    }
    asks_predicates_ = asks_predicates_ || o.rule == rule_kind::task;
    rule made;
    made.reason = o.reason ? o.reason : "";
    rule_condition& condition = made.conditions.emplace_back();
    condition.kind = o.rule;
    condition.pattern = o.text ? o.text : "";
    condition.watermark = o.watermark;
    condition.predicate = owned_function<bool(const task&)>(o.predicate);
    if (word_of(condition.kind).has_pattern && condition.pattern.empty()) {
      errors_.push_back(fmt::format("{}ignore_{}(): empty pattern", prefix, to_string(condition.kind)));
      return;
    }
    add(std::move(made));
  }

  /// Adds an error, unless it is there already: a predicate is asked once for each straggler.
  void add_error(std::string error) {
    if (detail::find(errors_.begin(), errors_.end(), error) == errors_.end()) errors_.push_back(std::move(error));
  }

  std::shared_ptr<rule_table> own_;                         ///< null while it has no rule
  light_vector<std::shared_ptr<const rule_table>> shared_;  ///< the rules of the run, tried after the check's own
  light_vector<owned_function<void()>> cleanups_;
  std::vector<std::string> errors_;
  std::optional<std::chrono::nanoseconds> wait_;
  std::optional<std::chrono::nanoseconds> fail_after_;
  chosen_action on_leak_;
  statics_action statics_ = statics_action::judge;
  std::string reason_of_statics_;
  std::optional<std::uint64_t> watermark_;
  bool ignores_known_pools_ = false;
  bool asks_predicates_ = false;
  bool counts_timed_waits_ = false;
};

}  // namespace taskleak::inline v0::detail

#endif
