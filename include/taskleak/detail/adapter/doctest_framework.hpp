// SPDX-License-Identifier: MIT
/// \file Includes doctest with its implementation, from wherever the program has it, and asks the implementation itself.
#ifndef TASKLEAK_DETAIL_ADAPTER_DOCTEST_FRAMEWORK_HPP
#define TASKLEAK_DETAIL_ADAPTER_DOCTEST_FRAMEWORK_HPP

#include <taskleak/detail/base/requirements.hpp>
// why: first, so that what to do is the only error; Clang says what it finds in the order of the lines
#include <taskleak/adapter.hpp>

#if defined(DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN)
#error \
    "define no DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN: include taskleak/doctest_main.hpp, or write a main() with taskleak::verify_test_main()"
#include "taskleak: the error above says what to do"
#elif !defined(DOCTEST_CONFIG_IMPLEMENT)
#define DOCTEST_CONFIG_IMPLEMENT
#endif

// A file that the program keeps in its own tree counts before a package. A second inclusion brings what the first has left out.
#if __has_include("doctest.h")
#include "doctest.h"
#elif __has_include(<doctest/doctest.h>)
#include <doctest/doctest.h>
#else
#error "doctest was not found: link doctest::doctest, or add the folder of your doctest.h to the include path"
#include "taskleak: the error above says what to do"
#endif

#include <string>
#include <typeinfo>
#include <vector>

namespace taskleak::inline v0::detail {

#if !defined(DOCTEST_CONFIG_DISABLE)

/// Does nothing: doctest has no such base for listeners.
class doctest_listener_base : public doctest::IReporter {
 public:
  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats&) override {}
  void test_case_start(const doctest::TestCaseData&) override {}
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_end(const doctest::CurrentTestCaseStats&) override {}
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}
  void log_message(const doctest::MessageData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}
};

inline bool doctest_runs_no_tests(const doctest::ContextOptions& from) {
  return from.no_run || from.help || from.version || from.count || from.list_test_cases || from.list_test_suites ||
         from.list_reporters;
}

/// doctest's JUnit reporter, where it is in use; null in a build without RTTI, too.
inline doctest::JUnitReporter* junit_reporter_of_doctest() {
#if defined(__GXX_RTTI)
  for (doctest::IReporter* const reporter : doctest::detail::g_cs->reporters_currently_used)
    if (auto* const junit = dynamic_cast<doctest::JUnitReporter*>(reporter)) return junit;
#endif
  return nullptr;
}

/// Records a message in the test case that runs. Unlike DOCTEST_FAIL it never throws, as a guard's destructor must not.
inline void record_in_doctest(const adapter::message& told) {
  const std::string text = told.text.substr(0, told.text.find_last_not_of('\n') + 1);  // doctest ends the line
  const auto severity = told.fails() ? doctest::assertType::is_check : doctest::assertType::is_warn;
  doctest::JUnitReporter* const junit = told.fails() ? junit_reporter_of_doctest() : nullptr;
  const int failures_before = junit ? junit->testCaseData.totalFailures : 0;
  doctest::detail::MessageBuilder builder(told.where.file, told.where.line, severity);
  *builder.m_stream << text;
  if (builder.log()) DOCTEST_BREAK_INTO_DEBUGGER();
  // why: doctest 2.4.9 leaves messages out of JUnit; 2.4.12 does not, and gets no second one
  if (!junit || junit->testCaseData.totalFailures != failures_before) return;
  const std::string place = std::string(told.where.file) + ':' + std::to_string(told.where.line) + ":\n";
  junit->testCaseData.addFailure(text.substr(0, text.find('\n')), "FAIL_CHECK", place + text);
}

/// Lets a test case begin for a failure outside of any, since doctest's reporters take none there.
inline void begin_test_for_hang(const adapter::message& told) {
  doctest::detail::ContextState& state = *doctest::detail::g_cs;
  static doctest::detail::TestCase outside(
      nullptr, told.where.file, told.where.line > 0 ? static_cast<unsigned>(told.where.line) : 0, doctest::detail::TestSuite());
  outside.m_name = "taskleak";
  state.currentTest = &outside;
  state.resetRunData();
  for (doctest::IReporter* const reporter : state.reporters_currently_used) reporter->test_case_start(outside);
}

/// Records a hang in the test case that runs, which will not end: doctest ends the test case and the run, as after a fatal
/// signal, and its reporters write their files. In a build that takes no signals doctest has no way to do so.
inline void finish_hung_doctest(const adapter::message& told) {
  const doctest::JUnitReporter* const junit = junit_reporter_of_doctest();
  if (!doctest::detail::g_cs->currentTest || (junit && junit->testCaseData.testcases.empty())) begin_test_for_hang(told);
  record_in_doctest(told);
#if defined(DOCTEST_CONFIG_POSIX_SIGNALS)
  doctest::reportFatal("the test case does not end");
#endif
}

/// Does the same with doctest's own reporters alone: a listener of the program's would hang again.
inline void finish_hung_doctest_alone(const adapter::message& told) {
#if defined(__GXX_RTTI)
  std::erase_if(doctest::detail::g_cs->reporters_currently_used, [](doctest::IReporter* reporter) {
    const auto& type = typeid(*reporter);
    return type != typeid(doctest::JUnitReporter) && type != typeid(doctest::XmlReporter) &&
           type != typeid(doctest::ConsoleReporter);
  });
#else
  doctest::detail::g_cs->reporters_currently_used.clear();
#endif
  finish_hung_doctest(told);
}

/// Returns how many assertions of the test case that runs have failed.
inline int failed_in_doctest() { return doctest::detail::g_cs->numAssertsFailedCurrentTest_atomic; }

/// Returns the function of a test case, to be replaced. doctest hands out its own list of test cases as constants, which they are
/// not: they are elements of a std::set that this member does not order.
inline doctest::detail::funcType& function_in_doctest(const doctest::TestCaseData& test) {
  return const_cast<doctest::detail::TestCase&>(static_cast<const doctest::detail::TestCase&>(test)).m_test;
}

#endif

}  // namespace taskleak::inline v0::detail

#endif
