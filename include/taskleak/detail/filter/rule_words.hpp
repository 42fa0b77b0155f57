// SPDX-License-Identifier: MIT
/// \file Defines the table of what a rule can ask: for each kind of condition the word, the needed facet, and the function that
/// answers.
///
/// A new kind is one more entry in rule_kind.hpp, one row here and one function.
#ifndef TASKLEAK_DETAIL_FILTER_RULE_WORDS_HPP
#define TASKLEAK_DETAIL_FILTER_RULE_WORDS_HPP

#include <taskleak/detail/base/guarded_call.hpp>
#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/base/owned_function.hpp>
#include <taskleak/detail/filter/pattern_index.hpp>
#include <taskleak/detail/filter/rule_kind.hpp>
#include <taskleak/detail/filter/straggler_view.hpp>
#include <taskleak/detail/inspect/facet.hpp>
#include <taskleak/task.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Holds one condition of a rule. The kind says which fields mean something.
struct rule_condition {
  rule_kind kind = rule_kind::name;
  std::string pattern{};
  std::uint64_t watermark = 0;                    ///< current: tasks up to this epoch match
  owned_function<bool(const task&)> predicate{};  ///< task
  bool (*built_in)(const straggler&) = nullptr;   ///< built_in
};

/// Holds the straggler that conditions are asked of, and what predicates threw when they were asked.
struct rule_question {
  straggler_view& view;
  std::uint64_t epoch;
  std::vector<std::string> thrown{};
};

/// Notes which of the patterns in an index may match a text.
struct candidate_finder {
  const pattern_index& index;
  light_vector<std::uint32_t>& found;
  void operator()(std::string_view text) const { index.append_candidates(text, found); }
};

struct rule_word {
  rule_kind kind;
  const char* word;  ///< as in `word:glob`; in code the option is `ignore_word()`
  bool has_pattern;  ///< whether the condition has a glob, and may therefore stand in a suppression file
  facet needs;
  bool (*holds)(const rule_condition&, rule_question&);
  void (*texts)(straggler_view&, const candidate_finder&);  ///< passes on each text that a pattern is tried on; may be null
};

inline bool predicate_holds(const rule_condition& c, rule_question& asked) {
  if (!c.predicate) return false;
  bool answer = false;
  std::string thrown = what_it_throws([&] { answer = c.predicate(asked.view.as_task()); });
  if (thrown.empty()) return answer;
  asked.thrown.push_back(std::move(thrown));
  return false;
}

/// Lists the kinds by number; kinds with a pattern are in the order in which an error lists them.
inline constexpr rule_word rule_words[] = {
    {rule_kind::current, "current", false, facet::age,
     [](const rule_condition& c, rule_question& asked) { return asked.epoch <= c.watermark; }, nullptr},
    {rule_kind::any_function, "any_function", true, facet::parked,
     [](const rule_condition& c, rule_question& asked) { return asked.view.any_function_matches(c.pattern); },
     [](straggler_view& view, const candidate_finder& take) { view.for_each_function(take); }},
    {rule_kind::created_by, "created_by", true, facet::creation_stack,
     [](const rule_condition& c, rule_question& asked) { return asked.view.created_by_matches(c.pattern); },
     [](straggler_view& view, const candidate_finder& take) { view.for_each_creator(take); }},
    {rule_kind::name, "name", true, facet::name,
     [](const rule_condition& c, rule_question& asked) { return asked.view.name_matches(c.pattern); },
     [](straggler_view& view, const candidate_finder& take) { take(view.name()); }},
    {rule_kind::scope, "scope", true, facet::age,
     [](const rule_condition& c, rule_question& asked) { return asked.view.scope_matches(c.pattern); },
     [](straggler_view& view, const candidate_finder& take) { view.for_each_scope(take); }},
    {rule_kind::state, "state", true, facet::parked,
     [](const rule_condition& c, rule_question& asked) { return asked.view.state_matches(c.pattern); },
     [](straggler_view& view, const candidate_finder& take) { view.for_each_state(take); }},
    {rule_kind::top_function, "top_function", true, facet::parked,
     [](const rule_condition& c, rule_question& asked) { return asked.view.top_function_matches(c.pattern); },
     [](straggler_view& view, const candidate_finder& take) { take(view.top_function().whole); }},
    {rule_kind::task, "task", false, facet::parked, &predicate_holds, nullptr},
    {rule_kind::unannounced, "unannounced", false, facet::age,
     [](const rule_condition&, rule_question& asked) { return asked.view.is_unannounced(); }, nullptr},
    {rule_kind::built_in, "built_in", false, facet::parked,
     [](const rule_condition& c, rule_question& asked) { return c.built_in(asked.view.shown()); }, nullptr},
};

inline constexpr std::size_t rule_kind_count = sizeof rule_words / sizeof *rule_words;

constexpr bool rule_words_are_in_order() noexcept {
  for (std::size_t i = 0; i < rule_kind_count; ++i)
    if (rule_words[i].kind != static_cast<rule_kind>(i)) return false;
  return true;
}
static_assert(rule_words_are_in_order());

constexpr const rule_word& word_of(rule_kind kind) noexcept { return rule_words[static_cast<std::size_t>(kind)]; }
constexpr const char* to_string(rule_kind kind) noexcept { return word_of(kind).word; }

/// Whether the condition holds. Returns false as well if the facet that the condition needs is not known yet.
inline bool holds(const rule_condition& c, rule_question& asked) {
  const rule_word& word = word_of(c.kind);
  return asked.view.has(word.needs) && word.holds(c, asked);
}

}  // namespace taskleak::inline v0::detail

#endif
