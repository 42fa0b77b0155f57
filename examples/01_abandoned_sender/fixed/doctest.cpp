// SPDX-License-Identifier: MIT
/// \file Nothing here knows of taskleak: the test links `taskleak::doctest_main` where `doctest::doctest_with_main` would stand.
#include "row_import.hpp"
#include <doctest/doctest.h>

TEST_CASE("ImportRows adds them up") { CHECK(import_rows({"1", "2", "3", "4", "5", "6"}) == 21); }

TEST_CASE("ImportRows stops at the first bad row") { CHECK_FALSE(import_rows({"1", "x", "3", "4", "5", "6"})); }
