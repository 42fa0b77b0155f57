// SPDX-License-Identifier: MIT
/// \file One rule by which a check leaves tasks out, whether an option or a line of a suppression file made it.
#ifndef TASKLEAK_DETAIL_FILTER_RULE_HPP
#define TASKLEAK_DETAIL_FILTER_RULE_HPP

#include <taskleak/detail/owned_function.hpp>
#include <taskleak/task.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace taskleak::inline v0::detail {

/// What a condition looks at.
enum class rule_kind : unsigned char { current, any_function, created_by, name, scope, state, top_function, task };

inline constexpr std::size_t rule_kind_count = 8;

/// One row of rule_words.
struct rule_word {
  rule_kind kind;
  const char* word;  ///< as in `word:glob`; in code it is `ignore_word()`
  bool has_pattern;  ///< and may therefore stand in a suppression file
};

/// The kinds by number; those with a pattern are in the order in which an error lists them.
inline constexpr rule_word rule_words[rule_kind_count] = {
    {rule_kind::current, "current", false},
    {rule_kind::any_function, "any_function", true},
    {rule_kind::created_by, "created_by", true},
    {rule_kind::name, "name", true},
    {rule_kind::scope, "scope", true},
    {rule_kind::state, "state", true},
    {rule_kind::top_function, "top_function", true},
    {rule_kind::task, "task", false},
};

constexpr const rule_word& word_of(rule_kind kind) noexcept { return rule_words[static_cast<std::size_t>(kind)]; }
constexpr const char* to_string(rule_kind kind) noexcept { return word_of(kind).word; }

/// Who wrote a rule. Rules are tried in this order, and within one origin in the order given.
enum class rule_origin : unsigned char { option, file, library, built_in };

inline constexpr std::size_t rule_origin_count = 4;

/// Counts from several threads; a copy starts with the count of its original.
class hit_counter {
 public:
  hit_counter() noexcept = default;
  hit_counter(const hit_counter& other) noexcept : count_(other.count_.load(std::memory_order_relaxed)) {}
  hit_counter& operator=(const hit_counter& other) noexcept {
    count_.store(other.count_.load(std::memory_order_relaxed), std::memory_order_relaxed);
    return *this;
  }

  hit_counter& operator++() noexcept {
    count_.fetch_add(1, std::memory_order_relaxed);
    return *this;
  }
  operator std::size_t() const noexcept { return count_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::size_t> count_{0};
};

/// One thing that has to hold of a task.
struct rule_condition {
  rule_kind kind = rule_kind::name;
  std::string pattern{};
  std::uint64_t watermark = 0;                    ///< current: tasks up to this epoch match
  owned_function<bool(const task&)> predicate{};  ///< task
};

/// Leaves out the tasks for which all of its conditions hold.
struct rule {
  std::vector<rule_condition> conditions{};
  rule_origin origin = rule_origin::option;
  std::string reason{};  ///< empty when none was given
  std::string source{};  ///< of a rule that is no option: "tests.supp:12"
  hit_counter hits{};    ///< stragglers it left out so far

  bool is_current() const noexcept { return conditions.size() == 1 && conditions.front().kind == rule_kind::current; }

  /// Returns the rule as its author wrote it: `ignore_name("pool*")`, or `name:pool*` in a file.
  std::string text() const {
    std::string whole;
    for (const rule_condition& one : conditions) {
      if (!whole.empty()) whole += " && ";
      if (origin == rule_origin::option)
        whole.append("ignore_")
            .append(to_string(one.kind))
            .append(word_of(one.kind).has_pattern ? "(\"" + one.pattern + "\")" : "()");
      else
        whole.append(to_string(one.kind)).append(1, ':').append(one.pattern);
    }
    return whole;
  }

  /// Returns why a task was left out: the reason, or the rule itself where none was given.
  std::string shown_reason() const { return reason.empty() ? text() : reason; }
};

}  // namespace taskleak::inline v0::detail

#endif
