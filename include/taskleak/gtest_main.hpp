// SPDX-License-Identifier: MIT
/// \file Defines main() of a GoogleTest program; include this header in one source file only.
///
/// The header is empty in a program that links the CMake target taskleak::gtest_main, which brings the same main().
#ifndef TASKLEAK_GTEST_MAIN_HPP
#define TASKLEAK_GTEST_MAIN_HPP

#if !defined(TASKLEAK_MAIN_IS_LINKED)

#include <taskleak/gtest.hpp>

namespace testing {
/// Initialises GoogleMock; the function is null in a program that does not link GoogleMock.
[[gnu::weak]] void InitGoogleMock(int* argc, char** argv);
}  // namespace testing

int main(int argc, char** argv) {
  // why: without this the --gmock_* flags would be lost where this header, or its target, replaces GTest::gmock_main
  // (of a type of its own: a file that includes gmock as well has three functions of this name)
  void (*const initialise_mock)(int*, char**) = &testing::InitGoogleMock;
  if (initialise_mock != nullptr)
    initialise_mock(&argc, argv);
  else
    testing::InitGoogleTest(&argc, argv);
  return taskleak::verify_test_main();
}

#endif

#endif
