// SPDX-License-Identifier: MIT
/// \file Keeps rules in the order in which they are tried, and finds the first rule that matches a straggler.
#ifndef TASKLEAK_DETAIL_FILTER_RULE_TABLE_HPP
#define TASKLEAK_DETAIL_FILTER_RULE_TABLE_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/filter/pattern_index.hpp>
#include <taskleak/detail/filter/rule.hpp>
#include <taskleak/detail/filter/rule_words.hpp>
#include <taskleak/detail/inspect/facet.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace taskleak::inline v0::detail {

/// Holds the rules of one origin. However many there are, only rules that share four bytes with the straggler's texts are tried.
class rule_list {
 public:
  void add(rule added) {
    const auto id = static_cast<std::uint32_t>(rules_.size());
    rules_.push_back(std::make_unique<rule>(std::move(added)));
    if (!enter(*rules_.back(), id)) always_.push_back(id);
  }

  const light_vector<std::unique_ptr<rule>>& rules() const noexcept { return rules_; }

  /// Returns the first rule whose conditions can be answered now and all hold; null when there is none.
  rule* first_match(rule_question& asked) const {
    if (rules_.empty()) return nullptr;
    light_vector<std::uint32_t> candidates = always_;
    for (const rule_word& word : rule_words) {
      const pattern_index& index = by_text_[static_cast<std::size_t>(word.kind)];
      if (!index.empty() && asked.view.has(word.needs)) word.texts(asked.view, {index, candidates});
    }
    if (candidates.size() > always_.size()) {
      detail::sort(candidates);
      candidates.erase_from(std::unique(candidates.begin(), candidates.end()));
    }
    for (const std::uint32_t id : candidates)
      if (all_hold(*rules_[id], asked)) return rules_[id].get();
    return nullptr;
  }

 private:
  static constexpr std::size_t few = 16;  ///< how many rules are tried faster than looked up

  /// Whether all conditions hold. The cheap conditions are asked first: the others may need no answer.
  static bool all_hold(const rule& r, rule_question& asked) {
    for (std::size_t price = 0; price < facet_count; ++price)
      for (const rule_condition& c : r.conditions)
        if (word_of(c.kind).needs == static_cast<facet>(price) && !holds(c, asked)) return false;
    return true;
  }

  /// Enters the rule under the rarest four bytes of any of its conditions. Returns false when the rule has to be tried always.
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

  light_vector<std::unique_ptr<rule>> rules_;
  light_vector<std::uint32_t> always_;
  pattern_index by_text_[rule_kind_count];
};

/// Holds the rules of one check, of the run, or of a library. Checks on several threads may share a table that is not changed any
/// more.
struct rule_table {
  rule_list of[rule_origin_count];
  bool looks = false;  ///< whether a rule needs more of a straggler than its epoch

  void add(rule added) {
    looks = looks || !added.is_current();
    of[static_cast<std::size_t>(added.origin)].add(std::move(added));
  }
};

}  // namespace taskleak::inline v0::detail

#endif
