// SPDX-License-Identifier: MIT
/// \file Defines main() of a Boost.Test program; include this header in one source file only, before Boost.Test's own headers.
/// `BOOST_TEST_MODULE` may be defined in front of it, or in another file of the program, or nowhere.
///
/// The header is empty in a program that links the CMake target taskleak::boost_test_main, which brings the same main().
#ifndef TASKLEAK_BOOST_TEST_MAIN_HPP
#define TASKLEAK_BOOST_TEST_MAIN_HPP

#if !defined(TASKLEAK_MAIN_IS_LINKED)

#include <taskleak/boost_test.hpp>

int main(int argc, char** argv) { return taskleak::verify_test_main(argc, argv); }

#endif

#endif
