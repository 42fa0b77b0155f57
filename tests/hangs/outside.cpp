// SPDX-License-Identifier: MIT
/// \file A program that hangs outside of its tests, in what GoogleTest calls.
#include "place.hpp"
#include <gtest/gtest.h>

namespace {

class Suite : public testing::Test {
 protected:
  static void SetUpTestSuite() { hangs::in("SetUpTestSuite"); }
  static void TearDownTestSuite() { hangs::in("TearDownTestSuite"); }
};
TEST_F(Suite, Passes) {}

TEST(Later, IsReachedOrNot) { hangs::in("no place"); }

TEST(Fails, AndIsTold) { EXPECT_EQ(std::getenv("HANGS_IN"), nullptr); }

class Environment : public testing::Environment {
  void SetUp() override { hangs::in("Environment::SetUp"); }
  void TearDown() override { hangs::in("Environment::TearDown"); }
};
[[maybe_unused]] const auto* const environment = testing::AddGlobalTestEnvironment(new Environment);

class Listener : public testing::EmptyTestEventListener {
  void OnTestProgramEnd(const testing::UnitTest&) override { hangs::in("OnTestProgramEnd"); }
  void OnTestPartResult(const testing::TestPartResult&) override { hangs::in("OnTestPartResult"); }
};
[[maybe_unused]] const bool is_appended = (testing::UnitTest::GetInstance()->listeners().Append(new Listener), true);

}  // namespace
