// SPDX-License-Identifier: MIT
/// \file Refuses a main() in a program that links taskleak::gtest_main or another target that brings main(). The target includes
/// this header first in every source file.
#ifndef TASKLEAK_DETAIL_RUN_MAIN_IS_LINKED_HPP
#define TASKLEAK_DETAIL_RUN_MAIN_IS_LINKED_HPP

#define TASKLEAK_MAIN_IS_LINKED 1

// Boost.Test's own way to leave main() out: the file with BOOST_TEST_MODULE would define one.
#if !defined(BOOST_TEST_NO_MAIN)
#define BOOST_TEST_NO_MAIN
#endif

namespace taskleak {
class for_a_main_of_your_own_link_taskleak_gtest_or_taskleak_catch2_or_taskleak_doctest;
}
// A function main() in the file is an error of the compiler then, which shows this line; the linker's would not say what to do.
using main = taskleak::for_a_main_of_your_own_link_taskleak_gtest_or_taskleak_catch2_or_taskleak_doctest;  // not a *_main

#endif
