// SPDX-License-Identifier: MIT
/// \file Both adapters in one program, which runs the tests of one framework and then those of the other.
#include <taskleak/catch2.hpp>
#include <taskleak/gtest.hpp>
#include <taskleak/guard.hpp>

#include "../parked.hpp"

TEST(Both, GoogleTestFails) {
  taskleak::guard guard;  // fails in GoogleTest
  parked::leave_thread();
}

TEST_CASE("Catch2 fails") {
  taskleak::guard guard;  // fails in Catch2
  parked::leave_thread();
}

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const int google_test = taskleak::verify_test_main();
  return google_test + 10 * taskleak::verify_test_main(argc, argv);
}
