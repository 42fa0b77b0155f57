// SPDX-License-Identifier: MIT
/// \file Guards in test cases, on the test's thread and on others, where the texts and counts are the framework's own. What is
/// the same for all frameworks is in ../conformance.
#include <taskleak/guard.hpp>

#include "../parked.hpp"
#include <catch2/catch.hpp>

#include <thread>

TEST_CASE("guard fails at its line", "[guard]") {
  taskleak::guard guard;  // fails
  parked::leave_thread();
}

TEST_CASE("guard on another thread fails", "[guard-thread]") {
  std::thread([] {
    taskleak::guard guard;  // fails on another thread
    parked::leave_thread();
  }).join();
  CHECK(true);
}
