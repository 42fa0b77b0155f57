// SPDX-License-Identifier: MIT
/// \file Defines main() of a GoogleTest program with mocks; include this header in one source file only.
///
/// The header is empty in a program that links the CMake target taskleak::gmock_main, which brings the same main().
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
