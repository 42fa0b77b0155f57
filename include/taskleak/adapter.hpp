// SPDX-License-Identifier: MIT
/// \file Provides what the glue to a test framework needs: the run, its scopes, and the messages of each. Include this header in
/// one source file only.
///
/// docs/adding-a-framework.md has a whole adapter. The adapters for GoogleTest, Catch2, doctest and Boost.Test leave all
/// decisions to this header.
#ifndef TASKLEAK_ADAPTER_HPP
#define TASKLEAK_ADAPTER_HPP

#include <taskleak/detail/base/requirements.hpp>
// why first: the remedy has to be the only error, and Clang reports errors in the order of the lines
#include <taskleak/detail/base/never_destroyed.hpp>
#include <taskleak/detail/base/separator.hpp>
#include <taskleak/detail/base/visible.hpp>
#include <taskleak/detail/run/main_line.hpp>
#include <taskleak/detail/run/run.hpp>
#include <taskleak/guard.hpp>
#include <taskleak/options.hpp>
#include <taskleak/report.hpp>
#include <taskleak/snapshot.hpp>
#if !defined(TASKLEAK_RUNTIME_IS_LINKED)  // set by CMake where the heavy part is compiled once for all programs of a build
#include <taskleak/runtime.hpp>
#endif

#include <cstddef>
#include <cstdio>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace taskleak::inline v0 {

#if defined(TASKLEAK_RUNTIME_IS_LINKED)
// why: a program that has the heavy part and no glue is refused, and so is one that has the glue twice
namespace TASKLEAK_SHARED the_main_line_is_missing {
void include_taskleak_gtest_main_hpp_or_catch2_main_hpp_or_doctest_main_hpp_in_one_source_file() noexcept {}
}  // namespace the_main_line_is_missing
#endif

/// Holds what the glue to a test framework needs. The names are public, but no test needs them.
namespace adapter {

/// Names a line of a source file, as a framework shows it. The text is not copied: it has to live as long as the test.
struct place {
  const char* file = nullptr;  ///< null where there is none
  int line = 0;
};

/// Says what a message means for the test that it is recorded in.
enum class message_kind : unsigned char {
  failure,  ///< fails the test
  warning,  ///< a leak under on_leak(warn): fails nothing
  note,     ///< a leak of a test that has failed already: fails nothing more
  earlier,  ///< leaks of earlier tests, in a few lines, for a test that fails: fails nothing
};

/// Holds a report, or a line or two, for the framework to record in the running test. The text ends with a newline, and no line
/// is empty.
struct message {
  message_kind kind = message_kind::failure;
  place where;
  std::string text;

  bool fails() const noexcept { return kind == message_kind::failure; }
};

/// Makes a failure a warning, for a test case that the framework expects to fail: it is to fail by itself, and a leak is no
/// reason to take it for one that does.
inline void do_not_fail(message& told) {
  if (!told.fails()) return;
  told.kind = message_kind::warning;
  told.text += "    not counted as the failure that is expected of this test case\n";
}

/// Records a message in the running test. The function is called with no lock held and must not throw: a guard's destructor calls
/// it.
using recorder = void (*)(const message&);

/// Says on which threads, and when, a framework takes results.
enum class results_from : unsigned char {
  test_thread,  ///< on the thread of the running test; failures of other threads are kept until the test ends
  any_thread,   ///< on each thread, and between tests as well
};

}  // namespace adapter

namespace detail {

/// Passes the failures of guards and of verify_none() to a framework.
class guard_failures {
 public:
  // why: a thread left behind may still end a guard
  static guard_failures& instance() { return never_destroyed<guard_failures>(); }

  void run_started(adapter::recorder record, adapter::results_from from) {
    const std::lock_guard lock(mutex_);
    record_ = record;
    from_ = from;
    any_outside_tests_ = false;
  }

  void test_started() {
    const std::lock_guard lock(mutex_);
    test_thread_ = std::this_thread::get_id();
  }

  /// Returns the failures that were kept; later ones belong to no test.
  std::vector<adapter::message> test_ended() {
    const std::lock_guard lock(mutex_);
    test_thread_ = {};
    return std::exchange(kept_, {});
  }

  bool any_outside_tests() const {
    const std::lock_guard lock(mutex_);
    return any_outside_tests_;
  }

  static void sink(const failure& told) {
    instance().take({told.fails ? adapter::message_kind::failure : adapter::message_kind::warning,
                     {told.file, static_cast<int>(told.line)},
                     told.text});
  }

 private:
  void take(const adapter::message& told) {
    adapter::recorder record = nullptr;
    {
      const std::lock_guard lock(mutex_);
      if (from_ == adapter::results_from::test_thread) {
        if (test_thread_ == std::thread::id()) {
          any_outside_tests_ |= told.fails();
          std::fprintf(stderr, "%s:%d: %s\n%s\n", told.where.file, told.where.line, told.fails() ? "Failure" : "Warning",
                       told.text.c_str());
          return;
        }
        if (test_thread_ != std::this_thread::get_id()) {
          kept_.push_back(told);
          return;
        }
      }
      record = record_;
    }
    record(told);
  }

  mutable std::mutex mutex_;
  adapter::recorder record_ = nullptr;
  adapter::results_from from_ = adapter::results_from::test_thread;
  std::thread::id test_thread_;  ///< none between tests
  std::vector<adapter::message> kept_;
  bool any_outside_tests_ = false;
};

}  // namespace detail

namespace adapter {

/// Switches all checks of this process off, for a program that only lists its tests, or does anything else but run them.
inline void forgo_run() noexcept { detail::forgo_run(); }

/// Is the run of a test program while it lives. A framework that runs its tests twice makes two runs, one after the other.
///
///     taskleak::adapter::run run(rules, record);
///     const int exit_code = run_all_tests();
///     return run.end(exit_code);
class run {
 public:
  /// Begins the run: reads TASKLEAK_OPTIONS and the suppression files. Tasks that are alive already are charged to no test. Bad
  /// input ends the program with exit code 2 and a message that names the mistake, so begin before the framework prints anything.
  ///
  /// `rules` hold for every check. `record` gets the failures of guards and of verify_none() on threads that `from` allows. A
  /// failure outside of any test, if `from` does not allow it, goes to stderr and fails the program.
  run(const options& rules, recorder record, results_from from = results_from::test_thread) {
    detail::begin_run(rules);
    detail::guard_failures::instance().run_started(record, from);
    detail::set_failure_sink(detail::guard_failures::sink);
    detail::set_hang_sink(record_hang);
  }

  run(const run&) = delete;
  run& operator=(const run&) = delete;

  /// Ends a run that end() has not ended, for a framework that has no place to change the exit code: if end(0) would return 1, an
  /// exit code of 0 becomes 1.
  ~run() {
    if (!has_ended_ && end(0) != 0) detail::fail_program_at_exit();
  }

  /// Has `finish` called when a test hangs: it records the message, a failure, in the running test and writes what the framework
  /// writes at the end of a run, its XML for instance. Without it the message is recorded, or goes to stderr between tests.
  ///
  /// The function runs on a copy of the process, in which only the thread of the test is left, with the test still on its stack,
  /// and every lock is as it was: if one is held that the function needs, the copy is ended after a while. So it is where the
  /// framework calls what hangs again, as a listener of the program's. Then `finish_alone` is called on another copy: it writes
  /// the framework's files without the framework, and what it prints. Without it the text goes to stderr. What the functions
  /// change in memory is gone with the copy.
  void on_hang(void (*finish)(const message&), void (*finish_alone)(const message&) = nullptr) noexcept {
    finish_ = finish;
    finish_alone_ = finish_alone;
  }

  /// Sends all later failures of guards to stderr, where they fail the program, since the results of the tests are final. end()
  /// does this by itself.
  void stop_recording() noexcept {
    detail::set_failure_sink(nullptr);
    detail::set_hang_sink(nullptr);
  }

  /// Ends the run: checks what the program left outside of tests, and prints these leaks, the summary, and what TASKLEAK_OPTIONS
  /// asks for.
  ///
  /// Returns the exit code of the program: the code of the tests, or 1 if that code was 0 and something fails outside of tests.
  /// Leaks of the program go to `record_program` as well, for a framework that can still record them.
  int end(int exit_code, void (*record_program)(const std::string& text) = nullptr) {
    has_ended_ = true;
    stop_recording();
    if (exit_code == 0 && detail::guard_failures::instance().any_outside_tests()) exit_code = 1;
    return detail::end_run(exit_code, record_program);
  }

 private:
  static bool record_hang(const detail::failure& told, bool by_framework) {
    const message whole{message_kind::failure, {told.file, static_cast<int>(told.line)}, told.text};
    auto* const finish = by_framework ? finish_ : finish_alone_;
    if (finish)
      finish(whole);
    else if (by_framework)
      detail::guard_failures::sink(told);
    return finish || by_framework;
  }

  static inline void (*finish_)(const message&) = nullptr;
  static inline void (*finish_alone_)(const message&) = nullptr;
  bool has_ended_ = false;
};

/// Checks one test, or one suite, on the thread that opens the scope. Does nothing outside of a run.
///
/// A test is what a framework runs once: if sections, subcases or generators run a body several times, open a scope for each.
///
///     test_.open_test(name, {file, line});
///     run_body();
///     for (const taskleak::adapter::message& told : test_.close([&] { return has_failed(); })) record(told);
class checked_scope {
 public:
  checked_scope() = default;
  checked_scope(const checked_scope&) = delete;
  checked_scope& operator=(const checked_scope&) = delete;

  /// Ends the scope without a check, unless close() has been called; its tasks are charged to the scope around it.
  ~checked_scope() { detail::drop_scope(scope_); }

  /// Opens the scope of a test. `name` is the name that users know, with the suite; reports and `scope:` rules use it.
  void open_test(const std::string& name, place where) {
    detail::guard_failures::instance().test_started();
    open(detail::scope_kind::test, name, where);
  }

  /// Opens the scope of a suite, around the scopes of its tests, for tasks that are made before the first test and for all tests.
  void open_suite(const std::string& name, place where) { open(detail::scope_kind::suite, name, where); }

  /// Adds a section to what the report says of this run of the test. `word` is the framework's own for it.
  void enter_section(std::string_view name, const char* word = "section") {
    section_word_ = word;
    sections_.append(sections_.empty() ? "" : " / ").append(name);
  }

  /// Ends the scope: waits for its tasks to end, and returns the messages to record, in order.
  ///
  /// First come the failures of guards on other threads. Then come the leaks: a failure, or a note if the test has failed
  /// already, since a second failure would hide that there was one cause, or a warning under on_leak(warn). Last, if the test has
  /// failed, come the tasks that earlier tests left and that are still alive, since these may be the cause. `has_failed` is asked
  /// after the wait.
  template <class HasFailed>
  [[nodiscard]] std::vector<message> close(HasFailed has_failed) {
    const detail::outcome left = detail::close_scope(std::exchange(scope_, nullptr));
    std::vector<message> told;
    if (is_test_) told = detail::guard_failures::instance().test_ended();
    tell_of(left, has_failed(), told);
    return told;
  }

 private:
  void open(detail::scope_kind kind, const std::string& name, place where) {
    detail::drop_scope(scope_);
    is_test_ = kind == detail::scope_kind::test;
    where_ = where;
    sections_.clear();
    reported_before_ = detail::reported_so_far();
    scope_ = detail::open_scope(kind, name.c_str(), where.file, where.line > 0 ? static_cast<unsigned>(where.line) : 0);
  }

  void tell_of(const detail::outcome& left, bool failed, std::vector<message>& told) const {
    for (const message& of_guard : told) failed |= of_guard.fails();
    if (!left.text.empty()) {
      const message_kind kind = !left.fails ? message_kind::warning : failed ? message_kind::note : message_kind::failure;
      told.push_back({kind, where_, left.text});
      if (!sections_.empty()) {
        std::string& text = told.back().text;
        text.append(detail::separator_line).append("in the run of the ").append(section_word_).append(" ");
        text.append(detail::on_one_line(sections_)).append("\n");
      }
      failed |= left.fails;
    }
    if (!failed) return;
    if (std::string note = detail::still_alive_note(reported_before_); !note.empty())
      told.push_back({message_kind::earlier, where_, std::move(note)});
  }

  detail::scope* scope_ = nullptr;
  place where_;
  std::size_t reported_before_ = 0;
  std::string sections_;  ///< the sections that this run of the test went into
  const char* section_word_ = "section";
  bool is_test_ = false;
};

}  // namespace adapter

}  // namespace taskleak::inline v0

#endif
