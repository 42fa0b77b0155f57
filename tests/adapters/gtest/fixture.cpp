// SPDX-License-Identifier: MIT
/// \file Threads of a fixture: what SetUp() starts and TearDown() or the destructor does not end is the test's.
#include "../parked.hpp"
#include <gtest/gtest.h>

#include <memory>

namespace {

class LeakyFixture : public testing::Test {
 protected:
  void SetUp() override { parked::leave_thread(); }
};

TEST_F(LeakyFixture, HasAnEmptyBody) {}

class CleanFixture : public testing::Test {
 protected:
  void SetUp() override { ended_in_tear_down_ = std::make_unique<parked::ended_thread>(); }
  void TearDown() override { ended_in_tear_down_.reset(); }

 private:
  std::unique_ptr<parked::ended_thread> ended_in_tear_down_;
  parked::ended_thread ended_in_destructor_;
};

TEST_F(CleanFixture, HasAnEmptyBody) {}

}  // namespace
