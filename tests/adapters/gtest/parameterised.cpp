// SPDX-License-Identifier: MIT
/// \file Tests made of values and of types: the very instance that leaves a thread fails.
#include "../parked.hpp"
#include <gtest/gtest.h>

#include <type_traits>

namespace {

class Values : public testing::TestWithParam<int> {};

TEST_P(Values, LeaveAThreadForOne) {
  if (GetParam() == 1) parked::leave_thread();
}

INSTANTIATE_TEST_SUITE_P(Small, Values, testing::Values(0, 1, 2));

template <class T>
class OfType : public testing::Test {};

TYPED_TEST_SUITE_P(OfType);

TYPED_TEST_P(OfType, LeaveAThreadForChar) {
  if (std::is_same_v<TypeParam, char>) parked::leave_thread();
}

REGISTER_TYPED_TEST_SUITE_P(OfType, LeaveAThreadForChar);

using instances = testing::Types<int, char, long>;
INSTANTIATE_TYPED_TEST_SUITE_P(Small, OfType, instances);

}  // namespace
