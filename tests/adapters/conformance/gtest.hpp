// SPDX-License-Identifier: MIT
/// \file How GoogleTest writes what the conformance suite needs.
#ifndef TASKLEAK_TESTS_ADAPTERS_CONFORMANCE_GTEST_HPP
#define TASKLEAK_TESTS_ADAPTERS_CONFORMANCE_GTEST_HPP

#include <taskleak/gtest.hpp>

#define CONFORMANCE_TEST(name) TEST(Conformance, name)
#define CONFORMANCE_CHECK(condition) EXPECT_TRUE(condition)

namespace conformance {

void program_starts();
void suite_starts();

class environment : public testing::Environment {
 public:
  void SetUp() override { program_starts(); }
};

class suite_fixture : public testing::Test {
 public:
  static void SetUpTestSuite() { suite_starts(); }
};

template <class... Rules>
int run(int argc, char** argv, Rules... rules) {
  testing::InitGoogleTest(&argc, argv);
  testing::AddGlobalTestEnvironment(new environment);
  return taskleak::verify_test_main(rules...);
}

}  // namespace conformance

using conformance_suite = conformance::suite_fixture;
TEST_F(conformance_suite, has_a_test) { EXPECT_TRUE(true); }

#endif
