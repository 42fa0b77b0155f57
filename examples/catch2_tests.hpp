// SPDX-License-Identifier: MIT
/// \file TEST_CASE and its kin from whichever Catch2 is installed, version 2 or 3.
#ifndef EXAMPLES_CATCH2_TESTS_HPP
#define EXAMPLES_CATCH2_TESTS_HPP

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_test_macros.hpp>
#else
#include <catch2/catch.hpp>
#endif

#endif
