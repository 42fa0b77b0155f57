// SPDX-License-Identifier: MIT
/// \file Adapts taskleak to Catch2, version 2 and 3, for a program that has its own main(); include it in one source file only.
#ifndef TASKLEAK_CATCH2_HPP
#define TASKLEAK_CATCH2_HPP

#include <taskleak/adapter.hpp>
#include <taskleak/detail/adapter/catch2_console.hpp>
#include <taskleak/detail/adapter/catch2_framework.hpp>
#include <taskleak/detail/adapter/junit_of_hang.hpp>
#include <taskleak/options.hpp>

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
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

inline void record_message_in_catch2(const adapter::message& told) {
  record_in_catch2(told.fails() ? Catch::ResultWas::ExplicitFailure : Catch::ResultWas::Warning,
                   {told.where.file, static_cast<std::size_t>(told.where.line)}, told.text);
}

/// Checks every run of a test case's body, of which sections and generators make several, as a scope of its own.
///
/// It does so at the end of the section that Catch2 makes of the body: a failure still counts there, at the end of the test
/// case it would not.
class catch2_listener final : public catch2_listener_base {
 public:
  using catch2_listener_base::catch2_listener_base;

  void testCaseStarting(const Catch::TestCaseInfo& test) override {
    catch2_listener_base::testCaseStarting(test);
    is_to_fail_ = test.expectedToFail();
    is_in_test_ = true;
  }

  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    is_in_test_ = false;
    catch2_listener_base::testCaseEnded(stats);
  }

  void sectionStarting(const Catch::SectionInfo& section) override {
    catch2_listener_base::sectionStarting(section);
    open_sections_.push_back(section);
    if (open_sections_.size() > 1) {
      body_.enter_section(std::string_view(section.name));
      return;
    }
    body_.open_test(section.name, {section.lineInfo.file, static_cast<int>(section.lineInfo.line)});
  }

  void sectionEnded(const Catch::SectionStats& stats) override {
    open_sections_.pop_back();
    if (open_sections_.empty() && !dying_) body_ended(stats);
    catch2_listener_base::sectionEnded(stats);
  }

  /// Ends a section. After a fatal signal Catch2 ends the sections in the signal handler, which is no place for a check.
  catch2_assertion_ended_result assertionEnded(const Catch::AssertionStats& stats) override {
    if (stats.assertionResult.getResultType() == Catch::ResultWas::FatalErrorCondition) dying_ = true;
    return catch2_listener_base::assertionEnded(stats);
  }

  /// Returns the sections that the running test case is in, the outermost first: the first one stands for its body.
  static const std::vector<Catch::SectionInfo>& open_sections() noexcept { return open_sections_; }

  /// Whether a test case runs: elsewhere Catch2 takes no result.
  static bool is_in_test() noexcept { return is_in_test_; }

 private:
  void body_ended(const Catch::SectionStats& stats) {
    const Catch::Counts& counts = stats.assertions;
    for (adapter::message& told : body_.close([&] { return counts.failed > 0 || counts.failedButOk > 0; })) {
      if (is_to_fail_) adapter::do_not_fail(told);
      record_message_in_catch2(told);
      if (told.fails()) catch2_count_failure(stats);
    }
  }

  static inline std::vector<Catch::SectionInfo> open_sections_;  // of the one test case that runs
  static inline bool is_in_test_ = false;

  adapter::checked_scope body_;
  bool is_to_fail_ = false;  ///< [!shouldfail]
  bool dying_ = false;
};

/// Is the session that runs; null outside of a run.
inline const Catch::ConfigData* running_catch2_session = nullptr;

/// Returns what Catch2's reporter of this name would write of a failure outside of any test case; a text for people where the
/// reporter's format is not known here.
inline std::string catch2_report_of_hang(std::string_view reporter, const adapter::message& told) {
  const std::string name = running_catch2_session->processName;
  const hang_outside_tests hang{name, "taskleak", told.text};
  if (reporter == "junit") return junit_of_hang(hang);
  const std::string file = told.where.file, line = std::to_string(told.where.line);
  if (reporter == "xml")
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Catch name=\"" + xml_text(name) +
           "\">\n  <TestCase name=\"taskleak\">\n" + "    <Failure filename=\"" + xml_text(file) + "\" line=\"" + line + "\">" +
           xml_text(told.text) + "</Failure>\n    <OverallResult success=\"false\"/>\n  </TestCase>\n" +
           "  <OverallResults successes=\"0\" failures=\"1\" expectedFailures=\"0\"/>\n</Catch>\n";
  return file + (told.where.line > 0 ? ':' + line : "") + ": FAILED:\n" + told.text;
}

/// Says what hangs where Catch2 takes no result: outside of test cases, and where Catch2 has called what hangs. The files that
/// are asked for have this failure alone.
inline void finish_hung_catch2_alone(const adapter::message& told) {
  bool is_printed = false;
  for_each_catch2_reporter(*running_catch2_session, [&](const std::string& reporter, const std::string& file) {
    const std::string text = catch2_report_of_hang(reporter, told);
    if (file.empty() || file == "-" || file.front() == '%') {
      is_printed = true;
      std::fputs(text.c_str(), stdout);
    } else {
      write_whole_file(file, text);
    }
  });
  if (!is_printed) std::fputs(catch2_report_of_hang("console", told).c_str(), stdout);
  std::fflush(stdout);
}

/// Records a hang in the test case that runs, which will not end: Catch2 ends the test case and the run, as after a fatal signal,
/// and its reporters write their files.
inline void finish_hung_catch2(const adapter::message& told) {
  if (!catch2_listener::is_in_test()) return finish_hung_catch2_alone(told);
  record_message_in_catch2(told);
  Catch::IResultCapture& running = Catch::getResultCapture();
  // why: Catch2 ends only sections that an exception has left, and its JUnit reporter asserts that none is open
  const std::vector<Catch::SectionInfo> open = catch2_listener::open_sections();
  for (std::size_t i = open.size(); i > 1; --i) running.sectionEndedEarly(Catch::SectionEndInfo{open[i - 1], {}, 0});
  running.handleFatalErrorCondition("the test case does not end");
  catch2_console().flush();
}

}  // namespace detail

/// Runs the session, whose command line has been applied, and fails the test cases that leave a task behind.
///
/// Sections and generators run a test case's body several times; each run is checked on its own. A run that has failed already
/// gets a warning in place of a second failure. The rules given hold for every check. Returns the exit code.
inline int verify_test_main(Catch::Session& session, options run_wide = {}) {
  if (detail::catch2_runs_no_tests(session.configData())) {
    adapter::forgo_run();
    return session.run();
  }
  adapter::run run(run_wide, detail::record_message_in_catch2);
  detail::running_catch2_session = &session.configData();
  run.on_hang(detail::finish_hung_catch2, detail::finish_hung_catch2_alone);
  detail::catch2_has_console_only = detail::catch2_writes_to_console_only(session.configData());
  detail::register_once_in_catch2<detail::catch2_listener>();
  return run.end(session.run());
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
