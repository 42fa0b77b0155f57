// SPDX-License-Identifier: MIT
/// \file Makes the rules by which a check leaves tasks out; each takes the reason that the summary shows.
///
/// A pattern is a glob on a demangled name: `*` stands for any text, `?` for one character, anything else for itself. A pattern
/// for functions is tried on the whole name, `Feed::pump(int)`, and on the name without its parameters, `Feed::pump`.
#ifndef TASKLEAK_IGNORE_HPP
#define TASKLEAK_IGNORE_HPP

#include <taskleak/detail/filter/rule_kind.hpp>
#include <taskleak/options.hpp>
#include <taskleak/snapshot.hpp>
#include <taskleak/task.hpp>

namespace taskleak::inline v0 {

namespace detail {
inline options ignore_by(rule_kind kind, const char* pattern, const char* reason) {
  auto* made = new option(kind);
  made->text = option::copy_text(pattern ? pattern : "");
  made->reason = option::copy_text(reason);
  return options().adopt(made);
}
}  // namespace detail

/// Ignores the tasks of a snapshot taken earlier.
[[nodiscard("a rule does nothing by itself: give it to a guard, a check or verify_test_main()")]] inline options ignore_current(
    const snapshot& earlier, const char* reason = nullptr) {
  auto* made = new detail::option(detail::rule_kind::current);
  made->watermark = earlier.watermark();
  made->reason = detail::option::copy_text(reason);
  return options().adopt(made);
}

/// Ignores the tasks that are alive now, at the call. Costs the same however many tasks there are.
[[nodiscard("a rule does nothing by itself: give it to a guard, a check or verify_test_main()")]] inline options ignore_current(
    const char* reason = nullptr) {
  return ignore_current(snapshot(), reason);
}

/// Ignores tasks whose innermost function, the first one the report shows, matches.
[[nodiscard("a rule does nothing by itself: give it to a guard, a check or verify_test_main()")]] inline options
ignore_top_function(const char* pattern, const char* reason = nullptr) {
  return detail::ignore_by(detail::rule_kind::top_function, pattern, reason);
}

/// Ignores tasks that have a matching function anywhere on their stack, plumbing included.
[[nodiscard("a rule does nothing by itself: give it to a guard, a check or verify_test_main()")]] inline options
ignore_any_function(const char* pattern, const char* reason = nullptr) {
  return detail::ignore_by(detail::rule_kind::any_function, pattern, reason);
}

/// Ignores tasks that have a matching function anywhere on their creation stack.
[[nodiscard("a rule does nothing by itself: give it to a guard, a check or verify_test_main()")]] inline options
ignore_created_by(const char* pattern, const char* reason = nullptr) {
  return detail::ignore_by(detail::rule_kind::created_by, pattern, reason);
}

/// Ignores threads with a matching name and coroutines with a matching function.
[[nodiscard("a rule does nothing by itself: give it to a guard, a check or verify_test_main()")]] inline options ignore_name(
    const char* pattern, const char* reason = nullptr) {
  return detail::ignore_by(detail::rule_kind::name, pattern, reason);
}

/// Ignores tasks whose state, as the report spells it, matches: "condition wait", "suspended at *", a blocking_region's label.
[[nodiscard("a rule does nothing by itself: give it to a guard, a check or verify_test_main()")]] inline options ignore_state(
    const char* pattern, const char* reason = nullptr) {
  return detail::ignore_by(detail::rule_kind::state, pattern, reason);
}

/// Ignores tasks in this state.
[[nodiscard("a rule does nothing by itself: give it to a guard, a check or verify_test_main()")]] inline options ignore_state(
    state which, const char* reason = nullptr) {
  return ignore_state(which == state::suspended ? "suspended at *" : to_string(which), reason);
}

/// Ignores the threads that a static object owns, for good: without this option they fail no test either, and are judged after
/// static destruction. A static object owns a thread if the thread can be joined by following pointers from the static.
///
/// Of the options that TASKLEAK_OPTIONS=statics sets, this one wins.
[[nodiscard("a rule does nothing by itself: give it to a guard, a check or verify_test_main()")]] inline options
ignore_held_by_static(const char* reason = nullptr) {
  auto* made = new detail::option(detail::option_kind::held_by_static);
  made->reason = detail::option::copy_text(reason);
  return options().adopt(made);
}

/// Ignores the tasks for which the predicate, a callable that takes `const taskleak::task&`, returns true.
///
/// The predicate is called on the thread that checks, once for each straggler in each look, with no lock held.
///
///     taskleak::ignore_task([](const taskleak::task& t) { return t.parked_for_ns < 1'000'000; }, "still starting")
template <class Predicate>
[[nodiscard("a rule does nothing by itself: give it to a guard, a check or verify_test_main()")]] options ignore_task(
    Predicate predicate, const char* reason = nullptr) {
  auto* made = new detail::option(detail::rule_kind::task);
  made->predicate = detail::owned_function<bool(const task&)>::from(static_cast<Predicate&&>(predicate));
  made->reason = detail::option::copy_text(reason);
  return options().adopt(made);
}

}  // namespace taskleak::inline v0

#endif
