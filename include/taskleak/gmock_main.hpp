// SPDX-License-Identifier: MIT
/// \file The whole main() of a GoogleTest program with mocks; include it in one source file only.
///
/// In a program that links the CMake target taskleak::gmock_main it is empty: that brings the same main().
#ifndef TASKLEAK_GMOCK_MAIN_HPP
#define TASKLEAK_GMOCK_MAIN_HPP

#if !defined(TASKLEAK_MAIN_IS_LINKED)

#include <taskleak/gtest.hpp>

#include <gmock/gmock.h>

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  return taskleak::verify_test_main();
}

#endif

#endif
