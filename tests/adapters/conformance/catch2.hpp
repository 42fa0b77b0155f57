// SPDX-License-Identifier: MIT
/// \file How Catch2 writes what the conformance suite needs.
#ifndef TASKLEAK_TESTS_ADAPTERS_CONFORMANCE_CATCH2_HPP
#define TASKLEAK_TESTS_ADAPTERS_CONFORMANCE_CATCH2_HPP

#include <taskleak/catch2.hpp>

#define CONFORMANCE_TEST(name) TEST_CASE("Conformance/" #name)
#define CONFORMANCE_CHECK(condition) CHECK(condition)

namespace conformance {

void program_starts();

class listener : public Catch::TestEventListenerBase {
 public:
  using TestEventListenerBase::TestEventListenerBase;
  void testRunStarting(const Catch::TestRunInfo& run) override {
    TestEventListenerBase::testRunStarting(run);
    program_starts();
  }
};
CATCH_REGISTER_LISTENER(listener)

template <class... Rules>
int run(int argc, char** argv, Rules... rules) {
  return taskleak::verify_test_main(argc, argv, rules...);
}

}  // namespace conformance

#endif
