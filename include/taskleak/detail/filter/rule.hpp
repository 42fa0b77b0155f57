// SPDX-License-Identifier: MIT
/// \file Defines a rule by which a check leaves tasks out, whether an option or a line of a suppression file made it.
#ifndef TASKLEAK_DETAIL_FILTER_RULE_HPP
#define TASKLEAK_DETAIL_FILTER_RULE_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/filter/rule_words.hpp>

#include <atomic>
#include <cstddef>
#include <string>

namespace taskleak::inline v0::detail {

/// Says who wrote a rule. Rules are tried in this order of origins, and within one origin in the order given.
enum class rule_origin : unsigned char { option, file, library, built_in };

inline constexpr std::size_t rule_origin_count = 4;

/// Counts hits from several threads; a copy starts with the count of its original.
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

/// Leaves out the tasks for which all conditions of the rule hold.
struct rule {
  light_vector<rule_condition> conditions{};
  rule_origin origin = rule_origin::option;
  std::string reason{};  ///< empty when none was given
  std::string source{};  ///< where a rule that is no option was read: "tests.supp:12"
  hit_counter hits{};    ///< how many stragglers the rule has left out so far

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

  /// Returns why a task was left out: the reason, or the rule itself if no reason was given.
  std::string shown_reason() const { return reason.empty() ? text() : reason; }
};

}  // namespace taskleak::inline v0::detail

#endif
