// SPDX-License-Identifier: MIT
/// \file Defines main() of a doctest program; include this header in one source file only.
///
/// The header is empty in a program that links the CMake target taskleak::doctest_main, which brings the same main().
#ifndef TASKLEAK_DOCTEST_MAIN_HPP
#define TASKLEAK_DOCTEST_MAIN_HPP

#if !defined(TASKLEAK_MAIN_IS_LINKED)

#include <taskleak/doctest.hpp>

int main(int argc, char** argv) { return taskleak::verify_test_main(argc, argv); }

#endif

#endif
