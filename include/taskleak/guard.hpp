// SPDX-License-Identifier: MIT
/// \file Checks one scope by a guard at the top of a test, or the whole process by one call.
#ifndef TASKLEAK_GUARD_HPP
#define TASKLEAK_GUARD_HPP

#include <taskleak/detail/run/main_line.hpp>
#include <taskleak/ignore.hpp>
#include <taskleak/options.hpp>

#include <initializer_list>
#include <source_location>

namespace taskleak::inline v0 {

namespace detail {
/// Holds the first option of a call that takes several, and the place of the call, which a pack cannot carry.
struct first_option {
  options value;
  std::source_location where;

  first_option(options o, std::source_location w = std::source_location::current())
      : value(static_cast<options&&>(o)), where(w) {}
};
}  // namespace detail

/// Fails the test if a task created in this guard's scope is still alive when the scope ends.
///
/// A task belongs to the scope of the task that created it, so guards on different threads do not see each other's tasks.
/// Guards nest; the innermost one decides about a task, and an outer one does not report it again.
/// *What it can miss:* tasks created on behalf of the test by a thread that was there before the guard.
/// *Cost:* two system calls when nothing is left; stacks and names are looked up only when something is.
/// *How it works:* docs/how-it-works.md.
///
///     TEST(Feed, Closes) {
///       taskleak::guard guard;
///       Feed feed;  // its thread must have ended at the closing brace
///     }
class [[nodiscard("the check runs when the guard is destroyed: give it a name")]] guard {
 public:
  [[nodiscard("the check runs when the guard is destroyed: give it a name")]] explicit guard(
      options rules = {}, std::source_location where = std::source_location::current())
      : rules_(static_cast<options&&>(rules)),
        file_(where.file_name()),
        line_(where.line()),
        scope_(detail::main_line::open_guard(rules_, file_, line_)) {
    // The name is the remedy that a linker prints when the main line is missing.
    detail::main_line::include_taskleak_gtest_main_hpp_or_catch2_main_hpp_or_doctest_main_hpp_in_one_source_file();
  }

  [[nodiscard("the check runs when the guard is destroyed: give it a name")]] guard(
      std::initializer_list<options> rules, std::source_location where = std::source_location::current())
      : guard(options(rules), where) {}

  template <class... More>
  [[nodiscard("the check runs when the guard is destroyed: give it a name")]] guard(detail::first_option first, options second,
                                                                                    More... more)
      : guard(options(static_cast<options&&>(first.value), static_cast<options&&>(second), static_cast<More&&>(more)...),
              first.where) {}

  guard(const guard&) = delete;
  guard& operator=(const guard&) = delete;

  /// Checks, unless check() or dismiss() ended the guard before.
  ~guard() { check(); }

  /// Checks now and ends the guard. Returns true when the check made no failure: nothing was left behind, or the check only
  /// warned, see on_leak().
  bool check() {
    void* const scope = scope_;
    scope_ = nullptr;
    return !scope || detail::main_line::close_guard(scope, rules_, file_, line_);
  }

  /// Ends the guard without a check; tasks left in its scope are then charged to the scope around the guard.
  void dismiss() noexcept {
    if (scope_) detail::main_line::drop_guard(scope_);
    scope_ = nullptr;
  }

 private:
  options rules_;
  const char* file_;
  unsigned line_;
  void* scope_;
};

/// Fails the test at the place of the call if any task but the calling thread and the main thread is alive. Returns true when the
/// call made no failure: no such task is alive, or the check only warned, see on_leak().
///
///     pool.stop();
///     taskleak::verify_none(taskleak::ignore_name("logger"));
inline bool verify_none(options rules = {}, std::source_location where = std::source_location::current()) {
  return detail::main_line::verify_none_at(rules, where.file_name(), where.line());
}

template <class... More>
bool verify_none(detail::first_option first, options second, More... more) {
  return verify_none(options(static_cast<options&&>(first.value), static_cast<options&&>(second), static_cast<More&&>(more)...),
                     first.where);
}

/// Returns every live task but the calling thread and the main thread, and names the tasks that a rule ignored; fails nothing.
///
/// Include taskleak/report.hpp to look into the result. Waits as a check does.
[[nodiscard("find() fails nothing: look into what it returns, or call verify_none()")]] report find(const options& rules = {});

}  // namespace taskleak::inline v0

#endif
