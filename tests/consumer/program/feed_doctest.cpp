// SPDX-License-Identifier: MIT
/// \file The same tests for doctest; the program's main() comes from the target it links.
#include <doctest/doctest.h>

#include <latch>
#include <thread>

TEST_CASE("ends its thread") {
  std::thread([] {}).join();
}

TEST_CASE("leaves its thread") {
  static auto& never = *new std::latch(1);
  std::thread([] { never.wait(); }).detach();
}
