// SPDX-License-Identifier: MIT
/// \file Defines main() of a Catch2 program; include this header in one source file only.
///
/// The header is empty in a program that links the CMake target taskleak::catch2_main, which brings the same main().
#ifndef TASKLEAK_CATCH2_MAIN_HPP
#define TASKLEAK_CATCH2_MAIN_HPP

#if !defined(TASKLEAK_MAIN_IS_LINKED)

#include <taskleak/catch2.hpp>

int main(int argc, char** argv) { return taskleak::verify_test_main(argc, argv); }

#endif

#endif
