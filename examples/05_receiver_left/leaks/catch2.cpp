// SPDX-License-Identifier: MIT
/// \file Nothing here knows of taskleak: the test links `taskleak::catch2_main` where `Catch2::Catch2WithMain` would stand.
#include "../../catch2_tests.hpp"
#include "row_import.hpp"

TEST_CASE("ImportRows adds them up") { CHECK(import_rows({"1", "2", "3", "4", "5", "6"}) == 21); }

TEST_CASE("ImportRows stops at the first bad row") { CHECK_FALSE(import_rows({"1", "x", "3", "4", "5", "6"})); }
