// SPDX-License-Identifier: MIT
/// \file The whole main() of a GoogleTest program; include it in one source file only.
///
/// In a program that links the CMake target taskleak::gtest_main it is empty: that brings the same main().
#ifndef TASKLEAK_GTEST_MAIN_HPP
#define TASKLEAK_GTEST_MAIN_HPP

#if !defined(TASKLEAK_MAIN_IS_LINKED)

#include <taskleak/gtest.hpp>

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return taskleak::verify_test_main();
}

#endif

#endif
