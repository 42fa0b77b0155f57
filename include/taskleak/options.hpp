// SPDX-License-Identifier: MIT
/// \file Makes the options of a check: how long to wait, what to run first, where suppressions are. ignore.hpp makes the rules.
#ifndef TASKLEAK_OPTIONS_HPP
#define TASKLEAK_OPTIONS_HPP

#include <taskleak/detail/base/owned_function.hpp>
#include <taskleak/detail/filter/rule_kind.hpp>
#include <taskleak/fwd.hpp>

#include <cstdint>
#include <initializer_list>

namespace taskleak::inline v0 {

/// Says what a check does about a task that was left behind.
enum class leak_action : unsigned char {
  fail,  ///< the task fails its test, suite or program
  warn   ///< the task is reported and summed up as before, and fails nothing
};

namespace detail {

enum class option_kind : unsigned char {
  ignore,
  wait_up_to,
  cleanup,
  suppressions,
  on_leak,
  timed_waits_too,
  fail_after,
  held_by_static
};

/// Holds one option of a call. The kind says which fields mean something; the texts are owned copies.
struct option {
  option_kind kind;
  rule_kind rule = rule_kind::name;  ///< ignore
  char* text = nullptr;              ///< a glob, or the path of a suppression file
  char* reason = nullptr;            ///< why the task may stay, or null
  std::uint64_t watermark = 0;       ///< rule_kind::current: tasks up to this epoch are ignored
  std::int64_t wait_ns = 0;          ///< wait_up_to, fail_after
  leak_action action_on_leak = leak_action::fail;
  owned_function<bool(const task&)> predicate{};
  owned_function<void()> action{};
  option* next = nullptr;

  explicit option(option_kind k) noexcept : kind(k) {}
  explicit option(rule_kind r) noexcept : kind(option_kind::ignore), rule(r) {}
  option(const option& other)
      : kind(other.kind),
        rule(other.rule),
        text(copy_text(other.text)),
        reason(copy_text(other.reason)),
        watermark(other.watermark),
        wait_ns(other.wait_ns),
        action_on_leak(other.action_on_leak),
        predicate(other.predicate),
        action(other.action) {}
  option& operator=(const option&) = delete;
  ~option() {
    delete[] text;
    delete[] reason;
  }

  static char* copy_text(const char* from) {
    if (!from) return nullptr;
    unsigned long length = 0;
    while (from[length]) ++length;
    char* copy = new char[length + 1];
    for (unsigned long i = 0; i <= length; ++i) copy[i] = from[i];
    return copy;
  }
};

}  // namespace detail

/// Holds the options of one check, in the order given; ignore_current(), wait_up_to() and the others return such an object.
///
/// Options compose in a call, in braces, or with `|`:
///
///     taskleak::guard guard(taskleak::ignore_name("pool*"), taskleak::wait_up_to(2s));
///     auto rules = taskleak::ignore_name("pool*") | taskleak::wait_up_to(2s);
class [[nodiscard("an option does nothing by itself: give it to a guard, a check or verify_test_main()")]] options {
 public:
  options() noexcept = default;

  template <class... More>
  [[nodiscard("an option does nothing by itself: give it to a guard, a check or verify_test_main()")]] options(
      options first, options second, More... more)
      : options(static_cast<options&&>(first)) {
    append(static_cast<options&&>(second));
    (append(static_cast<options&&>(more)), ...);
  }

  [[nodiscard("an option does nothing by itself: give it to a guard, a check or verify_test_main()")]] options(
      std::initializer_list<options> parts) {
    for (const options& part : parts) append(options(part));
  }

  options(const options& other) {
    for (const detail::option* o = other.first_; o; o = o->next) adopt(new detail::option(*o));
  }
  options(options && other) noexcept : first_(other.first_), last_(other.last_) { other.first_ = other.last_ = nullptr; }
  options& operator=(options other) noexcept {
    swap(first_, other.first_);
    swap(last_, other.last_);
    return *this;
  }
  ~options() {
    while (first_) {
      detail::option* next = first_->next;
      delete first_;
      first_ = next;
    }
  }

  [[nodiscard("an option does nothing by itself: give both to a guard, a check or verify_test_main()")]] friend options operator|(
      options left, options right) {
    left.append(static_cast<options&&>(right));
    return left;
  }

  const detail::option* first() const noexcept { return first_; }

  /// Appends one option and takes ownership of it; only the functions that make options call this.
  options& adopt(detail::option * made) noexcept {
    (last_ ? last_->next : first_) = made;
    last_ = made;
    return *this;
  }

 private:
  template <class T>
  static void swap(T & a, T & b) noexcept {
    T kept = a;
    a = b;
    b = kept;
  }

  void append(options && more) noexcept {
    if (!more.first_) return;
    (last_ ? last_->next : first_) = more.first_;
    last_ = more.last_;
    more.first_ = more.last_ = nullptr;
  }

  detail::option* first_ = nullptr;
  detail::option* last_ = nullptr;
};

namespace detail {
/// Is met by any std::chrono::duration, without <chrono>.
template <class Duration>
concept duration_of_time = requires(const Duration& d) {
  d.count();
  Duration::period::num;
};

/// Returns a std::chrono::duration in nanoseconds, as near as they come.
template <duration_of_time Duration>
std::int64_t nanoseconds_in(const Duration& duration) {
  const long double ns =
      static_cast<long double>(duration.count()) * Duration::period::num * 1'000'000'000.0L / Duration::period::den;
  return ns <= 0 ? 0 : ns >= 9.2e18L ? INT64_MAX : static_cast<std::int64_t>(ns);
}
}  // namespace detail

/// Gives tasks this long to end before they count as stragglers; without this option 1 s. Of several, the last one given wins.
///
/// Takes any std::chrono::duration. A check that finds nothing alive does not wait at all.
template <detail::duration_of_time Duration>
[[nodiscard("an option does nothing by itself: give it to a guard, a check or verify_test_main()")]] options wait_up_to(
    const Duration& longest) {
  auto* made = new detail::option(detail::option_kind::wait_up_to);
  made->wait_ns = detail::nanoseconds_in(longest);
  return options().adopt(made);
}

/// Fails a test, or the scope of a guard, that lasts for longer than this, and ends the program; without this option nothing
/// does. Of several, the last one given wins.
///
/// Given to verify_test_main() it holds for each test; given to a guard, from its constructor to its check. A helper process
/// watches, so the test cannot hinder it: the failure shows what every thread waits for, the framework's files are written, and
/// the program ends with exit code 1, also under on_leak(warn). Time in which the process is stopped, or has a debugger, does not
/// count. The limit is seen up to a fifth of a second late. Has no effect in check(), verify_none() and find(), or where nobody
/// can watch: see docs/options.md.
///
///     return taskleak::verify_test_main(taskleak::fail_after(30s));
template <detail::duration_of_time Duration>
[[nodiscard("an option does nothing by itself: give it to a guard or verify_test_main()")]] options fail_after(
    const Duration& longest) {
  auto* made = new detail::option(detail::option_kind::fail_after);
  made->wait_ns = detail::nanoseconds_in(longest);
  return options().adopt(made);
}

/// Runs the callable before the check looks, on the thread that checks; an exception it throws fails the check.
///
///     taskleak::guard guard(taskleak::cleanup([&] { server.stop(); }));
template <class F>
[[nodiscard("the callable runs when a check does: give the option to a guard, a check or verify_test_main()")]] options cleanup(
    F action) {
  auto* made = new detail::option(detail::option_kind::cleanup);
  made->action = detail::owned_function<void()>::from(static_cast<F&&>(action));
  return options().adopt(made);
}

/// Says whether a leak makes a failure; without this option it does. Of several, the last one given wins.
///
/// Use `warn`, or TASKLEAK_OPTIONS=on_leak=warn from outside, to introduce checks into a suite that is full of old leaks. The
/// option of a guard or of verify_none() wins over the environment, and the environment wins over the option of
/// verify_test_main(). With `warn`, verify_none() and guard::check() return true. An error in a check's own options fails the
/// check all the same.
[[nodiscard]] inline options on_leak(leak_action what) {
  auto* made = new detail::option(detail::option_kind::on_leak);
  made->action_on_leak = what;
  return options().adopt(made);
}

/// Reads ignore rules from a file: one `kind:glob  # reason` a line; docs/suppressions.md lists the kinds.
///
/// A bad line or an unreadable file is an error that names file and line. In verify_test_main() it ends the program with
/// exit code 2 before any test runs; elsewhere it fails the check.
[[nodiscard("the file is read by a check: give the option to a guard, a check or verify_test_main()")]] inline options
suppressions(const char* path) {
  auto* made = new detail::option(detail::option_kind::suppressions);
  made->text = detail::option::copy_text(path);
  return options().adopt(made);
}

}  // namespace taskleak::inline v0

#endif
