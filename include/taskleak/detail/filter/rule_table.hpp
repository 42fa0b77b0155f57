// SPDX-License-Identifier: MIT
/// \file Rules in the order in which they are tried, and the first of them that matches a straggler.
#ifndef TASKLEAK_DETAIL_FILTER_RULE_TABLE_HPP
#define TASKLEAK_DETAIL_FILTER_RULE_TABLE_HPP

#include <taskleak/detail/filter/pattern_index.hpp>
#include <taskleak/detail/filter/rule.hpp>
#include <taskleak/detail/filter/straggler_view.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Whether a condition on a text holds; those of kinds without a pattern do not.
inline bool pattern_matches(const rule_condition& c, straggler_view& view) {
  switch (c.kind) {
    case rule_kind::top_function: return view.top_function_matches(c.pattern);
    case rule_kind::any_function: return view.any_function_matches(c.pattern);
    case rule_kind::created_by: return view.created_by_matches(c.pattern);
    case rule_kind::name: return view.name_matches(c.pattern);
    case rule_kind::scope: return view.scope_matches(c.pattern);
    case rule_kind::state: return view.state_matches(c.pattern);
    case rule_kind::current:
    case rule_kind::task: return false;
  }
  return false;
}

/// The rules of one origin. However many there are, only those are tried that share four bytes with the straggler's texts.
class rule_list {
 public:
  void add(rule added) {
    const auto id = static_cast<std::uint32_t>(rules_.size());
    rules_.push_back(std::make_unique<rule>(std::move(added)));
    if (!enter(*rules_.back(), id)) always_.push_back(id);
  }

  bool empty() const noexcept { return rules_.empty(); }
  const std::vector<std::unique_ptr<rule>>& rules() const noexcept { return rules_; }

  /// Returns the first rule for all of whose conditions `holds(condition)` is true; null when there is none.
  template <class Holds>
  rule* first_match(straggler_view& view, Holds&& holds) const {
    std::vector<std::uint32_t> candidates = always_;
    for (std::size_t kind = 0; kind < rule_kind_count; ++kind) {
      if (by_text_[kind].empty()) continue;
      view.for_each_text(static_cast<rule_kind>(kind),
                         [&](std::string_view text) { by_text_[kind].append_candidates(text, candidates); });
    }
    if (candidates.size() > always_.size()) {
      std::sort(candidates.begin(), candidates.end());
      candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
    }
    for (const std::uint32_t id : candidates) {
      const std::vector<rule_condition>& conditions = rules_[id]->conditions;
      if (std::all_of(conditions.begin(), conditions.end(), holds)) return rules_[id].get();
    }
    return nullptr;
  }

 private:
  static constexpr std::size_t few = 16;  ///< so many are tried faster than looked up

  /// Enters the rule under the rarest four bytes of any of its conditions. False when it has to be tried always.
  bool enter(const rule& r, std::uint32_t id) {
    if (rules_.size() <= few) return false;
    pattern_index::choice best;
    pattern_index* where = nullptr;
    for (const rule_condition& c : r.conditions) {
      if (!word_of(c.kind).has_pattern) continue;
      pattern_index& index = by_text_[static_cast<std::size_t>(c.kind)];
      if (const pattern_index::choice found = index.best_for(c.pattern); found.under < best.under) {
        best = found;
        where = &index;
      }
    }
    if (where) where->add(best, id);
    return where != nullptr;
  }

  std::vector<std::unique_ptr<rule>> rules_;
  std::vector<std::uint32_t> always_;
  pattern_index by_text_[rule_kind_count];
};

/// The rules of one check, of the run, or of a library. Checks on several threads may share one that is not changed any more.
struct rule_table {
  rule_list of[rule_origin_count];
  bool looks = false;  ///< whether a rule needs a straggler's names, stacks or state

  void add(rule added) {
    looks = looks || !added.is_current();
    of[static_cast<std::size_t>(added.origin)].add(std::move(added));
  }
};

}  // namespace taskleak::inline v0::detail

#endif
