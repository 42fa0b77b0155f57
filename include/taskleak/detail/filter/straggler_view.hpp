// SPDX-License-Identifier: MIT
/// \file A straggler as rules look at it: its shown frames, its names taken apart, and the task that predicates see.
#ifndef TASKLEAK_DETAIL_FILTER_STRAGGLER_VIEW_HPP
#define TASKLEAK_DETAIL_FILTER_STRAGGLER_VIEW_HPP

#include <taskleak/detail/filter/function_name.hpp>
#include <taskleak/detail/filter/glob.hpp>
#include <taskleak/report.hpp>
#include <taskleak/task.hpp>

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

namespace taskleak::inline v0::detail {

/// The frames a report shows: all but the plumbing, or all when there is nothing else.
inline std::vector<const frame*> shown_frames(const std::vector<frame>& stack) {
  std::vector<const frame*> shown;
  for (const frame& f : stack)
    if (!f.plumbing) shown.push_back(&f);
  if (shown.empty())
    for (const frame& f : stack) shown.push_back(&f);
  return shown;
}

/// What rules ask of one straggler, each answer made once, when first asked for. The straggler must outlive it.
class straggler_view {
 public:
  explicit straggler_view(const straggler& of) noexcept : of_(of) {}

  bool top_function_matches(std::string_view pattern) {
    if (!top_) {
      const std::vector<const frame*> shown = shown_frames(of_.stack);
      if (!shown.empty())
        top_ = split_function(shown.front()->function);
      else
        top_ = split_function(of_.kind == task_kind::coroutine ? of_.name : std::string_view());
    }
    return !top_->whole.empty() && function_matches(pattern, *top_);
  }

  bool any_function_matches(std::string_view pattern) { return any_matches(pattern, functions_, of_.stack); }

  bool created_by_matches(std::string_view pattern) {
    return any_matches(pattern, creators_, of_.creation_stack) || glob_match(pattern, of_.created_by);
  }

  bool name_matches(std::string_view pattern) const {
    return of_.kind == task_kind::coroutine ? function_matches(pattern, of_.name) : glob_match(pattern, of_.name);
  }

  /// Also takes the bare name of the state, where the text shown says more: "suspended", "blocking region".
  bool state_matches(std::string_view pattern) const {
    return glob_match(pattern, of_.state_text) || pattern == to_string(of_.state);
  }

  const task& as_task() {
    if (!task_) {
      functions_shown_ = texts(shown_frames(of_.stack));
      creators_shown_ = texts(shown_frames(of_.creation_stack));
      task_ = task{of_.kind,
                   of_.id,
                   of_.name.c_str(),
                   of_.state,
                   of_.state_text.c_str(),
                   std::chrono::nanoseconds(of_.parked_for).count(),
                   of_.scope.c_str(),
                   functions_shown_.data(),
                   functions_shown_.size(),
                   creators_shown_.data(),
                   creators_shown_.size()};
    }
    return *task_;
  }

 private:
  using names = std::optional<std::vector<function_name>>;

  static bool any_matches(std::string_view pattern, names& split, const std::vector<frame>& stack) {
    if (!split) {
      split.emplace();
      for (const frame& f : stack)
        if (!f.function.empty()) split->push_back(split_function(f.function));
    }
    for (const function_name& name : *split)
      if (function_matches(pattern, name)) return true;
    return false;
  }

  static std::vector<const char*> texts(const std::vector<const frame*>& frames) {
    std::vector<const char*> functions;
    for (const frame* f : frames) functions.push_back(f->function.c_str());
    return functions;
  }

  const straggler& of_;
  std::optional<function_name> top_;
  names functions_;
  names creators_;
  std::vector<const char*> functions_shown_;
  std::vector<const char*> creators_shown_;
  std::optional<task> task_;
};

}  // namespace taskleak::inline v0::detail

#endif
