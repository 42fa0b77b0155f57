// SPDX-License-Identifier: MIT
/// \file The GoogleTest adapter, for a program that has its own main(); include it in one source file only.
#ifndef TASKLEAK_GTEST_HPP
#define TASKLEAK_GTEST_HPP

#include <taskleak/detail/runtime/run.hpp>
#include <taskleak/options.hpp>
#include <taskleak/runtime.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace taskleak::inline v0 {

namespace detail {

/// A property of this name carries into the XML what GoogleTest has no other place for.
inline constexpr const char* gtest_property = "taskleak";

inline void fail_in_gtest(const char* file, int line, const std::string& text) {
  GTEST_MESSAGE_AT_(file, line, text.c_str(), ::testing::TestPartResult::kNonFatalFailure);
}

inline void fail_guard_in_gtest(const failure& failed) { fail_in_gtest(failed.file, static_cast<int>(failed.line), failed.text); }

/// Opens and ends the scopes of suites and tests.
///
/// Appended last, it sees the end of a test first: before the printer has said OK, and before the result is written.
class gtest_listener final : public ::testing::EmptyTestEventListener {
 public:
  bool suite_left_something() const noexcept { return suite_left_something_; }

  void OnTestSuiteStart(const ::testing::TestSuite& suite) override { suite_ = open_scope(scope_kind::suite, suite.name()); }

  void OnTestStart(const ::testing::TestInfo& test) override {
    test_ = open_scope(scope_kind::test, (std::string(test.test_suite_name()) + '.' + test.name()).c_str());
  }

  void OnTestEnd(const ::testing::TestInfo& test) override {
    const std::string text = failure_text(close_scope(test_));
    if (text.empty()) return;
    if (test.result()->Failed())
      note(test.file(), test.line(), text);
    else
      fail_in_gtest(test.file(), test.line(), text);
  }

  void OnTestSuiteEnd(const ::testing::TestSuite& suite) override {
    const std::string text = failure_text(close_scope(suite_));
    if (text.empty()) return;
    suite_left_something_ = true;
    const char* const file = suite.total_test_count() > 0 ? suite.GetTestInfo(0)->file() : nullptr;
    if (suite.ad_hoc_test_result().Failed()) {
      note(file, no_line, text);
    } else {
      // why: GoogleTest up to 1.12 leaves a suite's own failures out of the XML
      ::testing::Test::RecordProperty(gtest_property, text);
      fail_in_gtest(file, no_line, text);
    }
  }

 private:
  static constexpr int no_line = -1;

  /// Reports what a failed test or suite left; a second failure would hide that there was one cause.
  static void note(const char* file, int line, const std::string& text) {
    ::testing::Test::RecordProperty(gtest_property, text);
    std::printf("%s Note\n%s\n", ::testing::internal::FormatFileLocation(file, line).c_str(), text.c_str());
    std::fflush(stdout);
  }

  scope* suite_ = nullptr;
  scope* test_ = nullptr;
  bool suite_left_something_ = false;
};

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
    detail::forgo_run();
    return RUN_ALL_TESTS();
  }
  detail::begin_run(run_wide);
  detail::set_failure_sink(detail::fail_guard_in_gtest);
  ::testing::TestEventListeners& listeners = ::testing::UnitTest::GetInstance()->listeners();
  auto* const listener = new detail::gtest_listener;
  listeners.Append(listener);
  int exit_code = RUN_ALL_TESTS();
  listeners.Release(listener);
  // why: GoogleTest 1.10 does not count a suite's own failures
  if (listener->suite_left_something() && exit_code == 0) exit_code = 1;
  delete listener;
  detail::set_failure_sink(nullptr);
  return detail::end_run(exit_code);
}

template <class... More>
int verify_test_main(options first, options second, More... more) {
  return verify_test_main(options(static_cast<options&&>(first), static_cast<options&&>(second), static_cast<More&&>(more)...));
}

}  // namespace taskleak::inline v0

#endif
