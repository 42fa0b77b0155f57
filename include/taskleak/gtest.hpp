// SPDX-License-Identifier: MIT
/// \file Adapts taskleak to GoogleTest, for a program that has its own main(); include it in one source file only.
#ifndef TASKLEAK_GTEST_HPP
#define TASKLEAK_GTEST_HPP

#include <taskleak/adapter.hpp>
#include <taskleak/detail/adapter/gtest_json.hpp>
#include <taskleak/detail/adapter/gtest_output_file.hpp>
#include <taskleak/detail/adapter/gtest_so_far.hpp>
#include <taskleak/detail/adapter/gtest_xml.hpp>
#include <taskleak/detail/adapter/junit_of_hang.hpp>
#include <taskleak/detail/base/never_destroyed.hpp>
#include <taskleak/detail/base/own_statics.hpp>
#include <taskleak/detail/base/path.hpp>
#include <taskleak/options.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdio>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

namespace taskleak::inline v0 {

namespace detail {

/// Is the name of the property that carries into the XML what GoogleTest has no other place for.
inline constexpr const char* gtest_property = "taskleak";

inline void fail_in_gtest(const char* file, int line, const std::string& text) {
  GTEST_MESSAGE_AT_(file, line, text.c_str(), ::testing::TestPartResult::kNonFatalFailure);
}

/// Tells what is no failure: prints it, and puts it into the XML as a property of the test or suite that runs.
class gtest_notes {
 public:
  static gtest_notes& instance() {
    return never_destroyed<gtest_notes>();  // why: a thread left behind may still end a guard
  }

  void test_or_suite_started() {
    const std::lock_guard lock(mutex_);
    property_.clear();
  }

  void tell(const char* kind, const adapter::message& told) {
    record(told.text);
    std::printf("%s %s\n%s%s", ::testing::internal::FormatFileLocation(told.where.file, told.where.line).c_str(), kind,
                told.text.c_str(), told.text.ends_with('\n') ? "" : "\n");
    std::fflush(stdout);
  }

  /// Adds the text to the property of the test, which has one of a name: a second text goes behind the first.
  void record(const std::string& text) {
    std::string all;
    {
      const std::lock_guard lock(mutex_);
      all = property_ += text;
    }
    ::testing::Test::RecordProperty(gtest_property, all);
  }

 private:
  std::mutex mutex_;
  std::string property_;
};

inline void record_in_gtest(const adapter::message& told) {
  if (told.fails())
    fail_in_gtest(told.where.file, told.where.line, told.text);
  else
    gtest_notes::instance().tell(told.kind == adapter::message_kind::warning ? "Warning" : "Note", told);
}

inline std::string gtest_output() {
#if defined(GTEST_FLAG_GET)
  return GTEST_FLAG_GET(output);
#else
  return ::testing::GTEST_FLAG(output);
#endif
}

/// Whether a file is written for --gtest_output.
inline bool gtest_writes_file() {
  return ::testing::UnitTest::GetInstance()->listeners().default_xml_generator() && !gtest_output().empty();
}

/// Whether GoogleTest can write a failure outside of tests into its JSON; what 1.12 and older write then is no JSON.
inline constexpr bool gtest_writes_json_well =
#if defined(GTEST_INTERNAL_CPLUSPLUS_LANG)  // GoogleTest 1.13
    true;
#else
    false;
#endif

/// Makes the counters in what GoogleTest has written for --gtest_output count what failed outside of tests.
inline void count_failures_in_gtest_output() {
  if (!gtest_writes_file()) return;
  change_gtest_output(gtest_output(), "xml", first_working_directory(), with_failures_counted);
  change_gtest_output(gtest_output(), "json", first_working_directory(), with_failures_counted_in_json);
}

/// Writes what GoogleTest has written for --gtest_output again, with this text, which is a failure outside of any test.
inline void write_gtest_output_again(const std::string& text) {
  if (!gtest_writes_file()) return;
  const std::string output = gtest_output();
  ::testing::UnitTest& tests = *::testing::UnitTest::GetInstance();
  if (gtest_writes_json_well || !is_gtest_output(output, "json"))
    tests.listeners().default_xml_generator()->OnTestIterationEnd(tests, 0);
  if constexpr (!gtest_writes_json_well)
    change_gtest_output(output, "json", first_working_directory(),
                        [&](const std::string& json) { return with_failure_in_json(json, "taskleak\n" + text); });
  count_failures_in_gtest_output();
}

/// Records a failure where nothing may end by an exception, which --gtest_throw_on_failure throws when the failure is recorded.
inline void fail_in_gtest_and_go_on(const char* file, int line, const std::string& text) {
#if GTEST_HAS_EXCEPTIONS
  try {
    fail_in_gtest(file, line, text);
  } catch (const std::runtime_error&) {  // the caller has more to write
  }
#else
  fail_in_gtest(file, line, text);
#endif
}

/// Makes the text a failure of the run outside of any test, once the tests have ended: what GoogleTest has written for
/// --gtest_output is written again, with it.
inline void fail_run_in_gtest(const std::string& text) {
  fail_in_gtest_and_go_on("taskleak", -1, text);
  write_gtest_output_again(text);
}

/// Holds what the program left.
inline void fail_program_in_gtest(const std::string& text) {
  fail_run_in_gtest(text);
  std::printf("[  FAILED  ] taskleak: %s\n", text.substr(0, text.find('\n')).c_str());
  std::fflush(stdout);
}

/// Whether GoogleTest itself writes a failure that is recorded now into the file of --gtest_output.
inline bool gtest_writes_failure_of_now() {
  if (::testing::UnitTest::GetInstance()->current_test_info()) return true;
  if (::testing::UnitTest::GetInstance()->current_test_suite())
#if defined(GTEST_INTERNAL_HAS_COMPARE_LIB)  // GoogleTest 1.16
    return true;
#else
    return false;
#endif
  return gtest_writes_json_well || !is_gtest_output(gtest_output(), "json");
}

/// Puts a failure outside of any test into what GoogleTest has written without it.
inline void add_failure_to_gtest_output(const std::string& text) {
  change_gtest_output(gtest_output(), "xml", first_working_directory(), [&](std::string xml) {
    return with_suite_in_xml(std::move(xml), junit_suite({"NonTestSuiteFailure", "", text}));
  });
  change_gtest_output(gtest_output(), "json", first_working_directory(),
                      [&](std::string json) { return with_failure_in_json(std::move(json), "taskleak\n" + text); });
}

/// Prints the summary of a run that hangs.
inline void print_summary_of_hung_gtest(const gtest_tests_so_far& so_far, bool is_in_test, const adapter::message& told) {
  std::string summary = so_far.summary();
  if (!is_in_test) summary += "[  FAILED  ] taskleak: " + told.text.substr(0, told.text.find('\n')) + '\n';
  std::fputs(summary.c_str(), stdout);
  std::fflush(stdout);
}

/// Records a hang in the test that runs, which will not end, and writes the summary and the files of --gtest_output.
inline void finish_hung_gtest(const adapter::message& told) {
  ::testing::UnitTest& tests = *::testing::UnitTest::GetInstance();
  const bool is_written_by_gtest = gtest_writes_failure_of_now();
  const auto write_file = [&] {
    if (gtest_writes_file()) tests.listeners().default_xml_generator()->OnTestIterationEnd(tests, 0);
  };
  if (!is_written_by_gtest) write_file();
  fail_in_gtest_and_go_on(told.where.file, told.where.line > 0 ? told.where.line : -1, told.text);
  const gtest_tests_so_far so_far;
  if (tests.listeners().default_result_printer()) print_summary_of_hung_gtest(so_far, tests.current_test_info() != nullptr, told);
  if (is_written_by_gtest)
    write_file();
  else if (gtest_writes_file())
    add_failure_to_gtest_output(told.text);
  change_gtest_output(gtest_output(), "xml", first_working_directory(),
                      [&](std::string xml) { return with_tests_not_run(std::move(xml), so_far.not_run()); });
  count_failures_in_gtest_output();
}

/// Says what hangs without GoogleTest, which has called it, or one of whose locks is held; and writes the file that is asked for
/// with this failure alone.
inline void finish_hung_gtest_alone(const adapter::message& told) {
  const bool has_line = told.where.line > 0;
  std::printf("%s%s%s: Failure\n%s", told.where.file, has_line ? ":" : "",
              has_line ? std::to_string(told.where.line).c_str() : "", told.text.c_str());
  print_summary_of_hung_gtest(gtest_tests_so_far(), false, told);  // GoogleTest cannot be asked: that takes the lock
  if (!gtest_writes_file() || !is_gtest_output(gtest_output(), "xml")) return;
  const std::string path = gtest_output_path(gtest_output(), "xml", first_working_directory());
  if (!path.empty()) write_whole_file(path, junit_of_hang({"NonTestSuiteFailure", "", told.text}));
}

/// Opens and ends the scopes of suites and tests.
///
/// Appended last, it sees the end of a test first: before the printer has said OK, and before the result is written.
class gtest_listener final : public ::testing::EmptyTestEventListener {
 public:
  /// Holds the first lines of what suites left.
  const std::string& left_by_suites() const noexcept { return left_by_suites_; }

  void OnTestIterationStart(const ::testing::UnitTest&, int) override { gtest_tests_so_far::note_iteration(); }

  void OnTestSuiteStart(const ::testing::TestSuite& suite) override {
    constexpr int no_line = -1;
    gtest_notes::instance().test_or_suite_started();
    suite_.open_suite(suite.name(), {suite.total_test_count() > 0 ? suite.GetTestInfo(0)->file() : nullptr, no_line});
  }

  void OnTestStart(const ::testing::TestInfo& test) override {
    gtest_tests_so_far::note_test(test);
    gtest_notes::instance().test_or_suite_started();
    test_.open_test(std::string(test.test_suite_name()) + '.' + test.name(), {test.file(), test.line()});
  }

  void OnTestEnd(const ::testing::TestInfo& test) override {
    for (const adapter::message& told : test_.close([&] { return test.result()->Failed(); })) record_in_gtest(told);
    gtest_notes::instance().test_or_suite_started();
  }

  void OnTestSuiteEnd(const ::testing::TestSuite& suite) override {
    for (const adapter::message& told : suite_.close([&] { return suite.ad_hoc_test_result().Failed(); })) {
      const bool has_failed_already = told.kind == adapter::message_kind::note;
      if (told.fails() || has_failed_already) left_by_suites_.append(told.text, 0, told.text.find('\n') + 1);
      // why: GoogleTest up to 1.15 leaves a suite's own failures out of the XML
      if (told.fails()) gtest_notes::instance().record(told.text);
      record_in_gtest(told);
    }
    // the judgement at exit comes when the XML has been written: the attribute says that there is something to judge
    if (const std::size_t owned = owned_threads(); owned > 0) ::testing::Test::RecordProperty("owned", static_cast<int>(owned));
  }

 private:
  adapter::checked_scope suite_;
  adapter::checked_scope test_;
  std::string left_by_suites_;
};

/// Lets GoogleTest's own object own no thread: it leads to blocks in which words of earlier tests are left.
inline void leave_gtest_out_as_owner() {
  static const bool once = (own_statics.add(::testing::UnitTest::GetInstance(), sizeof(::testing::UnitTest)), true);
  static_cast<void>(once);
}

/// Whether this process only lists tests, or is the child of a threadsafe death test: neither is to be checked.
inline bool gtest_runs_no_tests() {
#if defined(GTEST_FLAG_GET)
  if (GTEST_FLAG_GET(list_tests)) return true;
#if GTEST_HAS_DEATH_TEST
  if (!GTEST_FLAG_GET(internal_run_death_test).empty()) return true;
#endif
#else
  if (::testing::GTEST_FLAG(list_tests)) return true;
#if GTEST_HAS_DEATH_TEST
  if (!::testing::internal::GTEST_FLAG(internal_run_death_test).empty()) return true;
#endif
#endif
  return false;
}

}  // namespace detail

/// Runs the tests in place of RUN_ALL_TESTS() and fails those that leave a task behind; call it after testing::InitGoogleTest().
///
/// A test fails for the tasks it and its fixture left, a suite for those of SetUpTestSuite(), the program for those of
/// environments. A test that has failed already gets a note in place of a second failure.
/// The rules given hold for every check of the run. Returns the exit code.
///
///     return taskleak::verify_test_main(taskleak::ignore_name("logger"), taskleak::wait_up_to(2s));
inline int verify_test_main(options run_wide = {}) {
  if (detail::gtest_runs_no_tests()) {
    adapter::forgo_run();
    return RUN_ALL_TESTS();
  }
  adapter::run run(run_wide, detail::record_in_gtest, adapter::results_from::any_thread);
  run.on_hang(detail::finish_hung_gtest, detail::finish_hung_gtest_alone);
  detail::leave_gtest_out_as_owner();
#if GTEST_HAS_DEATH_TEST
  detail::tell_of_threads_at_death_tests();
#endif
  ::testing::TestEventListeners& listeners = ::testing::UnitTest::GetInstance()->listeners();
  auto* const listener = new detail::gtest_listener;
  listeners.Append(listener);
  int exit_code = RUN_ALL_TESTS();
  listeners.Release(listener);
  // why: GoogleTest 1.10 does not count a suite's own failures
  if (!listener->left_by_suites().empty() && exit_code == 0) exit_code = 1;
  if (!listener->left_by_suites().empty() && detail::gtest_writes_file()) {
#if defined(GTEST_INTERNAL_HAS_COMPARE_LIB)  // GoogleTest 1.16
    detail::count_failures_in_gtest_output();
#else
    // why: up to 1.15 it leaves a suite's own failures out of its files, but not those of the program
    detail::fail_run_in_gtest(listener->left_by_suites());
#endif
  }
  delete listener;
  return run.end(exit_code, detail::fail_program_in_gtest);
}

template <class... More>
int verify_test_main(options first, options second, More... more) {
  return verify_test_main(options(static_cast<options&&>(first), static_cast<options&&>(second), static_cast<More&&>(more)...));
}

}  // namespace taskleak::inline v0

#endif
