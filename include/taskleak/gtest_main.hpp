// SPDX-License-Identifier: MIT
/// \file The whole main() of a GoogleTest program; include it in one source file only.
#ifndef TASKLEAK_GTEST_MAIN_HPP
#define TASKLEAK_GTEST_MAIN_HPP

#include <taskleak/gtest.hpp>

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return taskleak::verify_test_main();
}

#endif
