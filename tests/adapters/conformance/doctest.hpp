// SPDX-License-Identifier: MIT
/// \file How doctest writes what the conformance suite needs.
#ifndef TASKLEAK_TESTS_ADAPTERS_CONFORMANCE_DOCTEST_HPP
#define TASKLEAK_TESTS_ADAPTERS_CONFORMANCE_DOCTEST_HPP

#include <taskleak/doctest.hpp>

#define CONFORMANCE_TEST(name) TEST_CASE(#name* doctest::test_suite("Conformance"))
#define CONFORMANCE_CHECK(condition) CHECK(condition)

namespace conformance {

void program_starts();

struct listener : taskleak::detail::doctest_listener_base {
  explicit listener(const doctest::ContextOptions&) {}
  void test_run_start() override { program_starts(); }
};
REGISTER_LISTENER("conformance", 1, listener);

template <class... Rules>
int run(int argc, char** argv, Rules... rules) {
  return taskleak::verify_test_main(argc, argv, rules...);
}

}  // namespace conformance

#endif
