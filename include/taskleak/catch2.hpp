// SPDX-License-Identifier: MIT
/// \file The Catch2 adapter, for version 2 and 3 and a program that has its own main(); include it in one source file only.
#ifndef TASKLEAK_CATCH2_HPP
#define TASKLEAK_CATCH2_HPP

#include <taskleak/detail/adapter/catch2_console.hpp>
#include <taskleak/detail/adapter/catch2_framework.hpp>
#include <taskleak/detail/base/never_destroyed.hpp>
#include <taskleak/detail/base/separator.hpp>
#include <taskleak/detail/base/visible.hpp>
#include <taskleak/detail/run/run.hpp>
#include <taskleak/options.hpp>
#include <taskleak/runtime.hpp>

#include <cstddef>
#include <cstdio>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace taskleak::inline v0 {

namespace detail {

/// Records a result in the test case that runs; call it on the thread that runs it.
///
/// Unlike FAIL_CHECK it never throws: Catch2 does not expect that of a listener, and a guard's destructor must not.
inline void record_in_catch2(Catch::ResultWas::OfType kind, const Catch::SourceLineInfo& where, const std::string& text) {
  const std::size_t message_length = catch2_message_length(text);
  Catch::AssertionReaction reaction;
  Catch::getResultCapture().handleMessage(
      {Catch::StringRef(), where, Catch::StringRef(), Catch::ResultDisposition::ContinueOnFailure}, kind,
      text.substr(0, message_length), reaction);
  write_to_catch2_console(std::string_view(text).substr(message_length));
  if (reaction.shouldDebugBreak) {
    CATCH_BREAK_INTO_DEBUGGER();
  }
}

inline void record_guard_in_catch2(const failure& told) {
  record_in_catch2(told.fails ? Catch::ResultWas::ExplicitFailure : Catch::ResultWas::Warning, {told.file, told.line}, told.text);
}

/// The failures of guards: Catch2 takes results on the thread of the test case only, so those of other threads wait for its end.
class catch2_guard_failures {
 public:
  // why: a thread left behind may still end a guard
  static catch2_guard_failures& instance() { return never_destroyed<catch2_guard_failures>(); }

  void test_started() {
    const std::lock_guard lock(mutex_);
    test_thread_ = std::this_thread::get_id();
  }

  /// Returns the failures that wait; later ones belong to no test.
  std::vector<failure> test_ended() {
    const std::lock_guard lock(mutex_);
    test_thread_ = {};
    return std::exchange(waiting_, {});
  }

  bool any_outside_tests() const {
    const std::lock_guard lock(mutex_);
    return any_outside_tests_;
  }

  static void sink(const failure& failed) { instance().take(failed); }

 private:
  void take(const failure& failed) {
    {
      const std::lock_guard lock(mutex_);
      if (test_thread_ == std::thread::id()) {
        any_outside_tests_ |= failed.fails;
        std::fprintf(stderr, "%s:%u: %s\n%s\n", failed.file, failed.line, failed.fails ? "Failure" : "Warning",
                     failed.text.c_str());
        return;
      }
      if (test_thread_ != std::this_thread::get_id()) {
        waiting_.push_back(failed);
        return;
      }
    }
    record_guard_in_catch2(failed);
  }

  mutable std::mutex mutex_;
  std::thread::id test_thread_;  ///< none between test cases
  std::vector<failure> waiting_;
  bool any_outside_tests_ = false;
};

/// Checks every run of a test case's body, of which sections and generators make several, as a scope of its own.
///
/// It does so at the end of the section that Catch2 makes of the body: a failure still counts there, at the end of the test
/// case it would not.
class catch2_listener final : public catch2_listener_base {
 public:
  using catch2_listener_base::catch2_listener_base;

  void sectionStarting(const Catch::SectionInfo& section) override {
    catch2_listener_base::sectionStarting(section);
    if (depth_++ > 0) {
      path_.append(path_.empty() ? "" : " / ").append(section.name);
      return;
    }
    path_.clear();
    catch2_guard_failures::instance().test_started();
    reported_before_ = reported_so_far();
    body_ = open_scope(scope_kind::test, section.name.c_str());
  }

  void sectionEnded(const Catch::SectionStats& stats) override {
    if (--depth_ == 0 && !dying_) body_ended(stats);
    catch2_listener_base::sectionEnded(stats);
  }

  /// After a fatal signal Catch2 ends the sections in the signal handler, which is no place for a check.
  catch2_assertion_ended_result assertionEnded(const Catch::AssertionStats& stats) override {
    if (stats.assertionResult.getResultType() == Catch::ResultWas::FatalErrorCondition) dying_ = true;
    return catch2_listener_base::assertionEnded(stats);
  }

 private:
  void body_ended(const Catch::SectionStats& stats) {
    const outcome left = close_scope(body_);
    bool failed = stats.assertions.failed > 0 || stats.assertions.failedButOk > 0;
    for (const failure& told : catch2_guard_failures::instance().test_ended()) {
      record_guard_in_catch2(told);
      failed |= told.fails;
    }
    const Catch::SourceLineInfo& where = stats.sectionInfo.lineInfo;
    if (!left.text.empty()) {
      std::string text = left.text;
      if (!path_.empty()) text.append(separator_line).append("in the run of the section ").append(on_one_line(path_)) += '\n';
      const bool adds_failure = left.fails && !failed;
      record_in_catch2(adds_failure ? Catch::ResultWas::ExplicitFailure : Catch::ResultWas::Warning, where, text);
      if (adds_failure) catch2_count_failure(stats);
      failed |= left.fails;
    }
    if (!failed) return;
    // what earlier tests left may be why this one failed
    if (const std::string note = still_alive_note(reported_before_); !note.empty())
      record_in_catch2(Catch::ResultWas::Warning, where, note);
  }

  scope* body_ = nullptr;
  std::size_t reported_before_ = 0;
  std::string path_;  ///< of the sections that this run of the body went into
  int depth_ = 0;
  bool dying_ = false;
};

}  // namespace detail

/// Runs the session, whose command line has been applied, and fails the test cases that leave a task behind.
///
/// Sections and generators run a test case's body several times; each run is checked on its own. A run that has failed already
/// gets a warning in place of a second failure. The rules given hold for every check. Returns the exit code.
inline int verify_test_main(Catch::Session& session, options run_wide = {}) {
  if (detail::catch2_runs_no_tests(session.configData())) {
    detail::forgo_run();
    return session.run();
  }
  detail::begin_run(run_wide);
  detail::catch2_has_console_only = detail::catch2_writes_to_console_only(session.configData());
  detail::set_failure_sink(detail::catch2_guard_failures::sink);
  detail::register_once_in_catch2<detail::catch2_listener>();
  int exit_code = session.run();
  detail::set_failure_sink(nullptr);
  if (exit_code == 0 && detail::catch2_guard_failures::instance().any_outside_tests()) exit_code = 1;
  return detail::end_run(exit_code);
}

/// Does the same with a session of its own.
///
///     return taskleak::verify_test_main(argc, argv, taskleak::ignore_name("logger"));
inline int verify_test_main(int argc, char** argv, options run_wide = {}) {
  Catch::Session session;
  const int exit_code = session.applyCommandLine(argc, argv);
  return exit_code != 0 ? exit_code : verify_test_main(session, static_cast<options&&>(run_wide));
}

template <class... More>
int verify_test_main(Catch::Session& session, options first, options second, More... more) {
  return verify_test_main(session,
                          options(static_cast<options&&>(first), static_cast<options&&>(second), static_cast<More&&>(more)...));
}

template <class... More>
int verify_test_main(int argc, char** argv, options first, options second, More... more) {
  return verify_test_main(argc, argv,
                          options(static_cast<options&&>(first), static_cast<options&&>(second), static_cast<More&&>(more)...));
}

}  // namespace taskleak::inline v0

#endif
