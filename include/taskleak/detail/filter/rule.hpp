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
#include <string_view>

namespace taskleak::inline v0::detail {

/// What a rule looks at. The words of suppression files are the same, see rule_kinds_of_files.
enum class rule_kind : unsigned char { current, top_function, any_function, created_by, name, state, task };

constexpr const char* to_string(rule_kind kind) noexcept {
  switch (kind) {
    case rule_kind::current: return "current";
    case rule_kind::top_function: return "top_function";
    case rule_kind::any_function: return "any_function";
    case rule_kind::created_by: return "created_by";
    case rule_kind::name: return "name";
    case rule_kind::state: return "state";
    case rule_kind::task: return "task";
  }
  return "unknown";
}

/// Who wrote a rule. Rules are tried in this order, and within one origin in the order given.
enum class rule_origin : unsigned char { option, file, built_in };

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

struct rule {
  rule_kind kind = rule_kind::name;
  rule_origin origin = rule_origin::option;
  std::string pattern{};
  std::string reason{};                           ///< empty when none was given
  std::string source{};                           ///< "tests.supp:12", "ignore_name"
  std::uint64_t watermark = 0;                    ///< current: tasks up to this epoch match
  owned_function<bool(const task&)> predicate{};  ///< task
  hit_counter hits{};                             ///< stragglers it left out so far

  /// The rule as its author wrote it: `ignore_name("pool*")`, or `name:pool*` in a file.
  std::string text() const {
    if (origin != rule_origin::option) return std::string(to_string(kind)) + ':' + pattern;
    const bool has_pattern = kind != rule_kind::current && kind != rule_kind::task;
    return source + (has_pattern ? "(\"" + pattern + "\")" : "()");
  }

  /// Why a task was left out: the reason, or the rule itself where none was given.
  std::string shown_reason() const { return reason.empty() ? text() : reason; }
};

}  // namespace taskleak::inline v0::detail

#endif
