// SPDX-License-Identifier: MIT
/// \file Mocks in a program whose main() is taskleak's: their failures reach the test, and their flags are honoured.
#include "../parked.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

class listener {
 public:
  virtual ~listener() = default;
  virtual void on_tick() = 0;
};

class mock_listener : public listener {
 public:
  MOCK_METHOD(void, on_tick, (), (override));
};

TEST(Mock, IsNotInterested) {
  mock_listener listener;  // GoogleMock warns of an uninteresting call, where --gmock_verbose lets it
  listener.on_tick();
}

TEST(Mock, IsStrict) {
  testing::StrictMock<mock_listener> listener;
  listener.on_tick();
}

TEST(Mock, IsNeverCalled) {
  mock_listener listener;
  EXPECT_CALL(listener, on_tick());
}

TEST(Mock, IsItselfLeaked) {
  auto* const listener = new mock_listener;  // GoogleMock ends the program for it, unless --gmock_catch_leaked_mocks=0
  EXPECT_CALL(*listener, on_tick());
  listener->on_tick();
}

TEST(Mock, LeavesAThread) {
  mock_listener listener;
  EXPECT_CALL(listener, on_tick());
  listener.on_tick();
  parked::leave_thread();
}

}  // namespace
