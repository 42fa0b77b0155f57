// SPDX-License-Identifier: MIT
/// \file What is left behind may be a warning only, for one check or for all.
#include <taskleak/guard.hpp>

#include "../parked.hpp"
#include <gtest/gtest.h>

namespace {

using taskleak::leak_action;
using taskleak::on_leak;

TEST(OnLeak, AGuardMayOnlyWarn) {
  taskleak::guard guard(on_leak(leak_action::warn));  // warns
  parked::leave_thread();
  EXPECT_TRUE(guard.check());
}

TEST(OnLeak, AGuardMayBeStricterThanTheRun) {
  taskleak::guard guard(on_leak(leak_action::fail));
  parked::leave_thread();
}

TEST(OnLeak, VerifyNoneIsTrueWhereItWarns) {
  parked::leave_thread();
  EXPECT_TRUE(taskleak::verify_none(on_leak(leak_action::warn)));
}

TEST(OnLeak, WhatIsWrongWithTheRulesFails) {
  taskleak::guard guard(on_leak(leak_action::warn), taskleak::suppressions("no_such_file"));
}

}  // namespace
