// SPDX-License-Identifier: MIT
/// \file The same for Catch2, in one file, which has included taskleak before without a main line.
#include "taskleak_all.hpp"
#define TASKLEAK_WITH_CATCH2_MAIN
#include "taskleak_all.hpp"

#include <latch>
#include <thread>

TEST_CASE("ends its thread") {
  taskleak::guard guard;
  std::thread([] {}).join();
}

TEST_CASE("leaves its thread") {
  static auto& never = *new std::latch(1);
  std::thread([] { never.wait(); }).detach();
}
