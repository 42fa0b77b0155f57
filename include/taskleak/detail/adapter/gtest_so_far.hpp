// SPDX-License-Identifier: MIT
/// \file Sums up a run of GoogleTest that does not come to its end.
#ifndef TASKLEAK_DETAIL_ADAPTER_GTEST_SO_FAR_HPP
#define TASKLEAK_DETAIL_ADAPTER_GTEST_SO_FAR_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/light_vector.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace taskleak::inline v0::detail {

/// Holds suite and name of a test.
using gtest_name = std::pair<std::string, std::string>;

/// Tells which tests have run so far, in this iteration. GoogleTest itself counts a test that has not begun among the passed
/// ones.
class gtest_tests_so_far {
 public:
  gtest_tests_so_far() {
    detail::sort(begun_);
    const ::testing::UnitTest& tests = *::testing::UnitTest::GetInstance();
    for (int i = 0; i < tests.total_test_suite_count(); ++i) {
      const ::testing::TestSuite& suite = *tests.GetTestSuite(i);
      for (int k = 0; k < suite.total_test_count(); ++k) {
        const ::testing::TestInfo& test = *suite.GetTestInfo(k);
        if (test.should_run()) list_of(test).emplace_back(suite.name(), test.name());
      }
    }
  }

  const light_vector<gtest_name>& not_run() const noexcept { return not_run_; }

  /// Says that an iteration of --gtest_repeat begins: GoogleTest keeps the results of the one before.
  static void note_iteration() noexcept { begun().clear(); }
  static void note_test(const ::testing::TestInfo& test) { begun().push_back(&test); }

  /// Returns the lines of GoogleTest's own summary, with a list of the tests that were not run.
  std::string summary() const {
    const std::size_t run = passed_.size() + skipped_.size() + failed_.size();
    std::string text = "[==========] " + count_of(run) + " ran.\n[  PASSED  ] " + count_of(passed_.size()) + ".\n";
    append(text, "[  SKIPPED ] ", skipped_);
    append(text, "[  FAILED  ] ", failed_);
    append(text, "[ NOT RUN  ] ", not_run_);
    return text;
  }

 private:
  /// Returns the tests that have begun in this iteration.
  static light_vector<const ::testing::TestInfo*>& begun() noexcept {
    static light_vector<const ::testing::TestInfo*> tests;
    return tests;
  }

  static std::string count_of(std::size_t count) { return std::to_string(count) + (count == 1 ? " test" : " tests"); }

  light_vector<gtest_name>& list_of(const ::testing::TestInfo& test) {
    const ::testing::TestResult& result = *test.result();
    if (result.Failed()) return failed_;
    if (!std::binary_search(begun_.begin(), begun_.end(), &test)) return not_run_;
    return result.Skipped() ? skipped_ : passed_;
  }

  static void append(std::string& text, const char* label, const light_vector<gtest_name>& tests) {
    if (tests.empty()) return;
    text.append(label).append(count_of(tests.size())).append(", listed below:\n");
    constexpr std::size_t most = 100;
    for (std::size_t i = 0; i < tests.size() && i < most; ++i)
      text.append(label).append(tests[i].first).append(".").append(tests[i].second).append("\n");
    if (tests.size() > most) text.append(label).append("and " + std::to_string(tests.size() - most) + " more\n");
  }

  light_vector<const ::testing::TestInfo*> begun_ = begun();
  light_vector<gtest_name> passed_;
  light_vector<gtest_name> skipped_;
  light_vector<gtest_name> failed_;
  light_vector<gtest_name> not_run_;
};

}  // namespace taskleak::inline v0::detail

#endif
