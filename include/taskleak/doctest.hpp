// SPDX-License-Identifier: MIT
/// \file Adapts taskleak to doctest, for a program that has its own main(). Include this header in one source file only, which
/// then has doctest's implementation.
#ifndef TASKLEAK_DOCTEST_HPP
#define TASKLEAK_DOCTEST_HPP

#include <taskleak/adapter.hpp>
#include <taskleak/detail/adapter/doctest_framework.hpp>
#include <taskleak/options.hpp>

#include <exception>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace taskleak::inline v0 {

#if !defined(DOCTEST_CONFIG_DISABLE)
namespace detail {

/// Holds the state of verify_test_main() while it runs.
struct doctest_run {
  const options& rules;
  std::optional<adapter::run> begun{};  ///< empty in a program that lists or counts its tests
  bool always_succeeds = false;         ///< --no-exitcode
};

inline doctest_run* current_doctest_run = nullptr;

/// Checks every run of a test case's body, of which subcases make several, as a scope of its own.
///
/// The listener runs the body in doctest's place: when doctest reports the end of a test case, it has counted the failures
/// already.
class doctest_listener final : public doctest_listener_base {
 public:
  /// Begins the run: doctest makes its listeners when it knows its options, before it prints anything or calls a listener.
  explicit doctest_listener(const doctest::ContextOptions& from) {
    if (!current_doctest_run || doctest_runs_no_tests(from)) return;
    current_doctest_run->begun.emplace(current_doctest_run->rules, record_in_doctest);
    current_doctest_run->begun->on_hang(finish_hung_doctest, finish_hung_doctest_alone);
    current_doctest_run->always_succeeds = from.no_exitcode;
  }

  void test_case_start(const doctest::TestCaseData& test) override {
    if (!current_doctest_run) return;
    test_ = &test;
    test_of_body_ = this;
    body_ = std::exchange(function_in_doctest(test), [] { test_of_body_->run_body(); });
  }

  void test_case_reenter(const doctest::TestCaseData&) override { record_after_exception(); }

  /// Ends a test case. After a crash doctest calls this function in the signal handler, where nothing can be recorded.
  void test_case_end(const doctest::CurrentTestCaseStats& stats) override {
    if (test_) function_in_doctest(*std::exchange(test_, nullptr)) = body_;
    if (!(stats.failure_flags & doctest::TestCaseFailureReason::Crash)) record_after_exception();
  }

  void subcase_start(const doctest::SubcaseSignature& subcase) override {
    if (test_) scope_.enter_section(subcase.m_name.c_str(), "subcase");
  }

 private:
  void run_body() {
    /// Closes the scope when the body returns, and when it throws.
    struct body_scope {
      doctest_listener& of;
      int exceptions = std::uncaught_exceptions();
      ~body_scope() { of.body_ended(std::uncaught_exceptions() > exceptions); }
    };
    const std::string suite = test_->m_test_suite ? test_->m_test_suite : "";
    failed_before_ = failed_in_doctest();
    scope_.open_test(suite.empty() ? test_->m_name : suite + '/' + test_->m_name,
                     {test_->m_file.c_str(), static_cast<int>(test_->m_line)});
    const body_scope closed_at_the_end{*this};
    body_();
  }

  /// Ends the body; if it threw, the leaks are recorded only after doctest has reported the exception.
  void body_ended(bool throws) {
    const bool is_to_fail = test_->m_should_fail || test_->m_expected_failures > 0;
    for (adapter::message& told : scope_.close([&] { return throws || failed_in_doctest() > failed_before_; })) {
      if (is_to_fail) adapter::do_not_fail(told);
      if (throws && !told.fails())
        after_exception_.push_back(std::move(told));
      else
        record_in_doctest(told);
    }
  }

  void record_after_exception() {
    for (const adapter::message& told : std::exchange(after_exception_, {})) record_in_doctest(told);
  }

  static inline doctest_listener* test_of_body_ = nullptr;  ///< m_test takes no argument

  const doctest::TestCaseData* test_ = nullptr;
  doctest::detail::funcType body_ = nullptr;
  adapter::checked_scope scope_;
  int failed_before_ = 0;
  std::vector<adapter::message> after_exception_;
};

}  // namespace detail
#endif

/// Runs the context, whose command line has been applied, and fails the test cases that leave a task behind.
///
/// Subcases run a test case's body several times; each run is checked on its own. A run that has failed already gets a message in
/// place of a second failure. The rules given hold for every check. Returns the exit code; ask context.shouldExit() as before.
inline int verify_test_main(doctest::Context& context, options run_wide = {}) {
#if defined(DOCTEST_CONFIG_DISABLE)
  adapter::forgo_run();
  return context.run();
#else
  // why: doctest calls the listener of the lowest priority last, so a scope holds nothing that another listener does
  [[maybe_unused]] static const int registered =
      doctest::registerReporter<detail::doctest_listener>("taskleak", std::numeric_limits<int>::min(), false);
  detail::doctest_run run{run_wide};
  detail::current_doctest_run = &run;
  const int exit_code = context.run();
  detail::current_doctest_run = nullptr;
  if (!run.begun) adapter::forgo_run();
  const int verified = run.begun ? run.begun->end(exit_code) : exit_code;
  return run.always_succeeds ? 0 : verified;
#endif
}

/// Does the same with a context of its own.
///
///     return taskleak::verify_test_main(argc, argv, taskleak::ignore_name("logger"));
inline int verify_test_main(int argc, char** argv, options run_wide = {}) {
  doctest::Context context(argc, argv);
  return verify_test_main(context, static_cast<options&&>(run_wide));
}

template <class... More>
int verify_test_main(doctest::Context& context, options first, options second, More... more) {
  return verify_test_main(context, options(std::move(first), std::move(second), std::move(more)...));
}

template <class... More>
int verify_test_main(int argc, char** argv, options first, options second, More... more) {
  return verify_test_main(argc, argv, options(std::move(first), std::move(second), std::move(more)...));
}

}  // namespace taskleak::inline v0

#endif
