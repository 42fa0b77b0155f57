// SPDX-License-Identifier: MIT
/// \file The whole main() of a Catch2 program; include it in one source file only.
///
/// In a program that links the CMake target taskleak::catch2_main it is empty: that brings the same main().
#ifndef TASKLEAK_CATCH2_MAIN_HPP
#define TASKLEAK_CATCH2_MAIN_HPP

#if !defined(TASKLEAK_MAIN_IS_LINKED)

#include <taskleak/catch2.hpp>

int main(int argc, char** argv) { return taskleak::verify_test_main(argc, argv); }

#endif

#endif
