// SPDX-License-Identifier: MIT
/// \file A test that hangs, with the counters of gcov.
#include "../gate.hpp"
#include <gtest/gtest.h>

namespace {

TEST(Covered, Hangs) { tests::eternal_gate().wait(); }

}  // namespace
