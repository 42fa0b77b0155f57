// SPDX-License-Identifier: MIT
/// \file The same tests for Catch2; the program's main() comes from the target it links.
#if __has_include("catch.hpp")
#include "catch.hpp"
#elif __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_test_macros.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <latch>
#include <thread>

TEST_CASE("ends its thread") {
  std::thread([] {}).join();
}

TEST_CASE("leaves its thread") {
  static auto& never = *new std::latch(1);
  std::thread([] { never.wait(); }).detach();
}
