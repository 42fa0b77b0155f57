// SPDX-License-Identifier: MIT
/// \file A test case that fails while a thread of an earlier one lives, and one that passes.
#include "../parked.hpp"
#include <catch2/catch.hpp>

TEST_CASE("leaves a thread for later", "[later]") { parked::leave_thread(); }

TEST_CASE("fails while it lives", "[later]") { CHECK(false); }

TEST_CASE("passes while it lives", "[later]") { CHECK(true); }
