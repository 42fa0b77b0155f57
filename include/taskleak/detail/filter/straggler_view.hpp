// SPDX-License-Identifier: MIT
/// \file Shows a straggler to rules: its shown frames, its names taken apart, and the task that predicates see.
#ifndef TASKLEAK_DETAIL_FILTER_STRAGGLER_VIEW_HPP
#define TASKLEAK_DETAIL_FILTER_STRAGGLER_VIEW_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/filter/glob.hpp>
#include <taskleak/detail/inspect/facet.hpp>
#include <taskleak/detail/registry/scope.hpp>
#include <taskleak/detail/symbols/function_name.hpp>
#include <taskleak/report.hpp>
#include <taskleak/task.hpp>

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

namespace taskleak::inline v0::detail {

/// Returns the frames that a report shows: all but the plumbing, or all if there is only plumbing.
inline light_vector<const frame*> shown_frames(const std::vector<frame>& stack) {
  light_vector<const frame*> shown;
  for (const frame& f : stack)
    if (!f.plumbing) shown.push_back(&f);
  if (shown.empty())
    for (const frame& f : stack) shown.push_back(&f);
  return shown;
}

/// Answers what rules ask of one straggler; each answer is made once, when first asked for. The straggler must outlive the view.
class straggler_view {
 public:
  /// Makes a view of a straggler. `charged_to` is the task's scope, if it is at hand: the name alone does not tell the scopes
  /// around it. `source` fills in facets that are not known yet; without a source everything is known.
  explicit straggler_view(const straggler& of, const scope* charged_to = nullptr, facet_source* source = nullptr) noexcept
      : of_(of), charged_to_(charged_to), source_(source) {}

  /// Whether the facet is known; to be asked before any question that needs the facet.
  bool has(facet wanted) { return !source_ || source_->has(wanted); }

  const straggler& shown() const noexcept { return of_; }
  std::string_view name() const noexcept { return of_.name; }
  bool is_unannounced() const noexcept { return of_.kind == task_kind::thread && of_.created_by == "unknown"; }

  /// Calls `take` with the texts on which a pattern is tried, whole or in parts; so do the functions below.
  template <class F>
  void for_each_function(F&& take) {
    for (const function_name& one : functions(functions_, of_.stack)) take(one.whole);
  }
  template <class F>
  void for_each_creator(F&& take) {
    for (const function_name& one : functions(creators_, of_.creation_stack)) take(one.whole);
    take(std::string_view(of_.created_by));
  }
  template <class F>
  void for_each_state(F&& take) const {
    take(std::string_view(of_.state_text));
    take(std::string_view(to_string(of_.state)));
  }
  template <class F>
  void for_each_scope(F&& take) const {
    if (of_.scope.empty()) return take(std::string_view("the program"));
    take(std::string_view(of_.scope));
    if (!charged_to_) {
      // GoogleTest's names: the suite is what stands before the point
      take(std::string_view(of_.scope).substr(0, of_.scope.find('.')));
      return;
    }
    for (const scope* s = charged_to_->parent; s; s = s->parent)
      if (s->name) take(std::string_view(s->name));
  }

  const function_name& top_function() {
    if (!top_) {
      const light_vector<const frame*> shown = shown_frames(of_.stack);
      if (!shown.empty())
        top_ = split_function(shown.front()->function);
      else
        top_ = split_function(of_.kind == task_kind::coroutine ? of_.name : std::string_view());
    }
    return *top_;
  }

  bool top_function_matches(std::string_view pattern) {
    return !top_function().whole.empty() && function_matches(pattern, top_function());
  }

  bool any_function_matches(std::string_view pattern) { return any_matches(pattern, functions_, of_.stack); }

  bool created_by_matches(std::string_view pattern) {
    return any_matches(pattern, creators_, of_.creation_stack) || glob_match(pattern, of_.created_by);
  }

  bool name_matches(std::string_view pattern) const {
    return of_.kind == task_kind::coroutine ? function_matches(pattern, of_.name) : glob_match(pattern, of_.name);
  }

  /// Whether the pattern matches the shown state, or the bare name of a state whose shown text says more: "suspended", "blocking
  /// region".
  bool state_matches(std::string_view pattern) const {
    return glob_match(pattern, of_.state_text) || pattern == to_string(of_.state);
  }

  /// Whether the pattern matches the name of the scope that the task is charged to, or of a scope around it.
  bool scope_matches(std::string_view pattern) const {
    bool found = false;
    for_each_scope([&](std::string_view name) { found = found || glob_match(pattern, name); });
    return found;
  }

  const task& as_task() {
    if (!task_) {
      for (const facet shown : {facet::name, facet::creation_stack}) has(shown);  // the rule itself needs the others
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
  using names = std::optional<light_vector<function_name>>;

  static const light_vector<function_name>& functions(names& split, const std::vector<frame>& stack) {
    if (!split) {
      split.emplace();
      for (const frame& f : stack)
        if (!f.function.empty()) split->push_back(split_function(f.function));
    }
    return *split;
  }

  static bool any_matches(std::string_view pattern, names& split, const std::vector<frame>& stack) {
    for (const function_name& name : functions(split, stack))
      if (function_matches(pattern, name)) return true;
    return false;
  }

  static light_vector<const char*> texts(const light_vector<const frame*>& frames) {
    light_vector<const char*> functions;
    for (const frame* f : frames) functions.push_back(f->function.c_str());
    return functions;
  }

  const straggler& of_;
  const scope* charged_to_;
  facet_source* source_;
  std::optional<function_name> top_;
  names functions_;
  names creators_;
  light_vector<const char*> functions_shown_;
  light_vector<const char*> creators_shown_;
  std::optional<task> task_;
};

}  // namespace taskleak::inline v0::detail

#endif
