// SPDX-License-Identifier: MIT
/// \file A fatal signal: doctest ends the test case in the signal handler, where nothing may be checked, and sends the signal
/// again.
#include "../parked.hpp"
#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>

TEST_SUITE("fatal") {
  TEST_CASE("dies and leaves a thread" * doctest::skip()) {
    parked::leave_thread();
    std::raise(SIGSEGV);
  }

  TEST_CASE("aborts" * doctest::skip()) { std::abort(); }

  TEST_CASE("dies after an exception that left a thread" * doctest::skip()) {
    bool is_first_run = false;
    SUBCASE("throws in the end") { is_first_run = true; }
    SUBCASE("dies") { std::raise(SIGSEGV); }
    if (!is_first_run) return;
    parked::leave_thread();
    throw std::runtime_error("its own failure");
  }
}
