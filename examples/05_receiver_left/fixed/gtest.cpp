// SPDX-License-Identifier: MIT
/// \file Nothing here knows of taskleak: the test links `taskleak::gtest_main` where `GTest::gtest_main` would stand.
#include "row_import.hpp"
#include <gtest/gtest.h>

TEST(ImportRows, AddsThemUp) { EXPECT_EQ(import_rows({"1", "2", "3", "4", "5", "6"}), 21); }

TEST(ImportRows, StopsAtTheFirstBadRow) { EXPECT_EQ(import_rows({"1", "x", "3", "4", "5", "6"}), std::nullopt); }
