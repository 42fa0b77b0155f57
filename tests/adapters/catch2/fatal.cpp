// SPDX-License-Identifier: MIT
/// \file A fatal signal: Catch2 ends the test case in the signal handler, where nothing may be checked.
#include "../parked.hpp"
#include <catch2/catch.hpp>

#include <csignal>

TEST_CASE("dies and leaves a thread", "[.][fatal]") {
  parked::leave_thread();
  std::raise(SIGSEGV);
}
