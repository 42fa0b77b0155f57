// SPDX-License-Identifier: MIT
/// \file Includes Boost.Test, as the shared library or with its implementation, and asks it what it knows of a run.
#ifndef TASKLEAK_DETAIL_ADAPTER_BOOST_TEST_FRAMEWORK_HPP
#define TASKLEAK_DETAIL_ADAPTER_BOOST_TEST_FRAMEWORK_HPP

#include <taskleak/detail/base/requirements.hpp>
// why: first, so that what to do is the only error; Clang says what it finds in the order of the lines
#include <taskleak/adapter.hpp>

#if !defined(BOOST_TEST_NO_MAIN)
#if defined(BOOST_TEST_UNIT_TEST_SUITE_HPP_071894GER) && defined(BOOST_TEST_MAIN)
#error \
    "Boost.Test has brought a main(): include taskleak/boost_test_main.hpp or taskleak/boost_test.hpp before Boost.Test's headers"
#include "taskleak: the error above says what to do"
#endif
#define BOOST_TEST_NO_MAIN
#endif

namespace boost::unit_test {
class test_suite;
}
// What BOOST_TEST_MODULE defines, in whichever file of the program that stands. A program has one of these functions, or none.
[[gnu::weak]] bool init_unit_test();
[[gnu::weak]] boost::unit_test::test_suite* init_unit_test_suite(int argc, char** argv);

// Of the static library nothing is used: its main() is in the file that has all the rest of the start.
#if defined(BOOST_TEST_DYN_LINK) || defined(BOOST_ALL_DYN_LINK) || defined(BOOST_UNIT_TEST_FRAMEWORK_DYN_LINK)
#include <boost/test/unit_test.hpp>
#elif __has_include(<boost/test/included/unit_test.hpp>)
#include <boost/test/included/unit_test.hpp>
#else
#error "Boost.Test was not found: link Boost::unit_test_framework, or add the folder of Boost's headers to the include path"
#include "taskleak: the error above says what to do"
#endif
#include <boost/cstdlib.hpp>
#include <boost/test/results_collector.hpp>
#include <boost/test/results_reporter.hpp>
#include <boost/test/unit_test_log.hpp>
#include <boost/test/unit_test_log_formatter.hpp>
#include <boost/test/unit_test_parameters.hpp>

#include <cstddef>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

namespace taskleak::inline v0::detail {

namespace boost_test = boost::unit_test;

/// Whether the command line only asks what tests there are. Ask when Boost.Test has read it.
inline bool boost_test_runs_no_tests() {
  namespace asked = boost_test::runtime_config;
  return asked::get<boost_test::output_format>(asked::btrt_list_content) != boost_test::OF_INVALID ||
         asked::get<bool>(asked::btrt_list_labels);
}

/// Whether the command line has --result_code=no.
inline bool boost_test_always_succeeds() {
  return !boost_test::runtime_config::get<bool>(boost_test::runtime_config::btrt_result_code);
}

/// Lets a log show warnings while it lives: Boost.Test hides them unless it is asked not to. JUnit's log does not tell its level,
/// so that it has warnings where --log_level asks for them.
class warnings_shown_in_boost_test {
 public:
  explicit warnings_shown_in_boost_test(boost_test::output_format format)
      : log_(boost_test::unit_test_log_t::instance().get_formatter(format)) {
    if (!log_) return;
    level_ = log_->get_log_level();
    if (level_ > boost_test::log_warnings && level_ != boost_test::log_nothing) log_->set_log_level(boost_test::log_warnings);
  }
  ~warnings_shown_in_boost_test() {
    if (log_) log_->set_log_level(level_);
  }
  warnings_shown_in_boost_test(const warnings_shown_in_boost_test&) = delete;
  warnings_shown_in_boost_test& operator=(const warnings_shown_in_boost_test&) = delete;

 private:
  boost_test::unit_test_log_formatter* log_;
  boost_test::log_level level_ = boost_test::log_nothing;
};

/// Records a message in the test unit that runs. Unlike BOOST_REQUIRE it never throws, as a guard's destructor must not.
inline void record_in_boost_test(const adapter::message& told) {
  const std::string text = told.text.substr(0, told.text.find_last_not_of('\n') + 1);  // Boost.Test ends the line
  if (!boost_test::framework::test_in_progress()) {
    std::fprintf(stderr, "%s(%d): %s: %s\n", told.where.file, told.where.line, told.fails() ? "error" : "warning", text.c_str());
    return;
  }
  const warnings_shown_in_boost_test in_text(boost_test::OF_CLF), in_xml(boost_test::OF_XML);
  boost_test::unit_test_log_t::instance() << boost_test::log::begin(told.where.file, static_cast<std::size_t>(told.where.line))
                                          << (told.fails() ? boost_test::log_all_errors : boost_test::log_warnings)
                                          << boost_test::const_string(text.data(), text.size()) << boost_test::log::end();
  boost_test::framework::assertion_result(told.fails() ? boost_test::AR_FAILED : boost_test::AR_TRIGGERED);
}

/// Returns how many assertions of a test unit have failed; of a suite, not those of the tests in it.
inline unsigned long failed_in_boost_test(boost_test::test_unit_id unit) {
  return boost_test::results_collector_t::instance().results(unit).p_assertions_failed;
}

/// Fails a unit that has failed by a leak, although failures are expected of it: Boost.Test asks only whether there are more than
/// that, and a leak is none of these.
inline void outnumber_expected_failures(const boost_test::test_unit& unit, adapter::place where) {
  const unsigned long expected = unit.p_expected_failures.get();
  while (failed_in_boost_test(unit.p_id) <= expected)
    record_in_boost_test(
        {adapter::message_kind::failure, where, "not counted as a failure that is expected of this test case\n"});
}

/// Writes what Boost.Test writes at the end of a run, while units are running that will not end; the outermost comes first.
inline void finish_boost_test(const std::vector<boost_test::test_unit_id>& open) {
  for (std::size_t i = open.size(); i-- > 0;) {
    const boost_test::test_unit& unit = boost_test::framework::get(open[i], boost_test::TUT_ANY);
    boost_test::results_collector_t::instance().test_unit_finish(unit, 0);
    boost_test::unit_test_log_t::instance().test_unit_finish(unit, 0);
  }
  if (!open.empty()) boost_test::results_reporter::make_report(boost_test::INV_REPORT_LEVEL, open.front());
  boost_test::unit_test_log_t::instance().test_finish();
  std::cout.flush();
}

}  // namespace taskleak::inline v0::detail

#endif
