// SPDX-License-Identifier: MIT
/// \file The whole main() of a doctest program; include it in one source file only.
///
/// In a program that links the CMake target taskleak::doctest_main it is empty: that brings the same main().
#ifndef TASKLEAK_DOCTEST_MAIN_HPP
#define TASKLEAK_DOCTEST_MAIN_HPP

#if !defined(TASKLEAK_MAIN_IS_LINKED)

#include <taskleak/doctest.hpp>

int main(int argc, char** argv) { return taskleak::verify_test_main(argc, argv); }

#endif

#endif
