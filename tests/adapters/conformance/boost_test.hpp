// SPDX-License-Identifier: MIT
/// \file How Boost.Test writes what the conformance suite needs.
#ifndef TASKLEAK_TESTS_ADAPTERS_CONFORMANCE_BOOST_TEST_HPP
#define TASKLEAK_TESTS_ADAPTERS_CONFORMANCE_BOOST_TEST_HPP

#define BOOST_TEST_MODULE conformance
#include <taskleak/boost_test.hpp>

#define CONFORMANCE_TEST(name) BOOST_AUTO_TEST_CASE(name)
#define CONFORMANCE_CHECK(condition) BOOST_CHECK(condition)

namespace conformance {

void program_starts();

struct global_fixture {
  global_fixture() { program_starts(); }
};
BOOST_TEST_GLOBAL_FIXTURE(global_fixture);

template <class... Rules>
int run(int argc, char** argv, Rules... rules) {
  return taskleak::verify_test_main(argc, argv, rules...);
}

}  // namespace conformance

#endif
