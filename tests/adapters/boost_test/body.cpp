// SPDX-License-Identifier: MIT
/// \file Test cases, suites and fixtures of Boost.Test, some of which leave a thread.
#define BOOST_TEST_MODULE body
#include <taskleak/guard.hpp>

#include "../parked.hpp"
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <tuple>

namespace {

struct leaky_fixture {
  leaky_fixture() { parked::leave_thread(); }
};

/// Ends its thread when the test case has ended.
struct clean_fixture {
  parked::ended_thread thread;
};

/// Is set up for a test case or suite by a decorator, in front of the body; ends its thread after it.
struct decorator_fixture {
  void setup() { thread_ = new parked::ended_thread; }
  void teardown() { delete thread_; }
  static inline parked::ended_thread* thread_ = nullptr;
};
void start_for_suite() { decorator_fixture().setup(); }
void end_for_suite() { decorator_fixture().teardown(); }
void leave_for_suite() { parked::leave_thread("suite"); }

}  // namespace

namespace utf = boost::unit_test;

BOOST_AUTO_TEST_SUITE(outer)
BOOST_AUTO_TEST_SUITE(inner)

BOOST_AUTO_TEST_CASE(leaves_a_thread) {  // leaves a thread
  parked::leave_thread();
  BOOST_TEST(true);
}

BOOST_AUTO_TEST_CASE(ends_its_thread) {
  parked::ended_thread thread;
  BOOST_TEST(true);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_CASE(has_a_leaky_fixture, leaky_fixture) { BOOST_TEST(true); }
BOOST_FIXTURE_TEST_CASE(has_a_clean_fixture, clean_fixture) { BOOST_TEST(true); }
BOOST_AUTO_TEST_CASE(has_a_clean_decorator, *utf::fixture<decorator_fixture>()) { BOOST_TEST(true); }

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(clean_suite, *utf::fixture(&start_for_suite, &end_for_suite))
BOOST_AUTO_TEST_CASE(runs_beside_its_thread) { BOOST_TEST(true); }
BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(leaky_suite, *utf::fixture(&leave_for_suite))  // the suite
BOOST_AUTO_TEST_CASE(leaves_nothing) { BOOST_TEST(true); }
BOOST_AUTO_TEST_SUITE_END()

using types = std::tuple<int, char>;
BOOST_AUTO_TEST_CASE_TEMPLATE(is_for_types, T, types) {
  if (sizeof(T) > 1) parked::leave_thread();
  BOOST_TEST(true);
}

BOOST_DATA_TEST_CASE(is_for_data, utf::data::make({1, 2}), number) {
  if (number > 1) parked::leave_thread();
  BOOST_TEST(true);
}

BOOST_AUTO_TEST_CASE(requires_and_leaves) {
  parked::leave_thread();
  BOOST_TEST_REQUIRE(false);
}

BOOST_AUTO_TEST_CASE(may_fail_and_leaves, *utf::expected_failures(1)) {
  parked::leave_thread();
  BOOST_TEST(true);
}

BOOST_AUTO_TEST_CASE(fails_as_expected_and_leaves, *utf::expected_failures(1)) {
  parked::leave_thread();
  BOOST_TEST(false);
}

BOOST_AUTO_TEST_CASE(has_a_guard) {
  taskleak::guard guard;  // the guard
  parked::leave_thread();
  BOOST_TEST(true);
}

BOOST_AUTO_TEST_CASE(dies) {
  parked::leave_thread();
  std::raise(SIGSEGV);
}
