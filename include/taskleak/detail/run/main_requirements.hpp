// SPDX-License-Identifier: MIT
/// \file What the source file with the main line has to have; such a file leads to this header first.
#ifndef TASKLEAK_DETAIL_RUN_MAIN_REQUIREMENTS_HPP
#define TASKLEAK_DETAIL_RUN_MAIN_REQUIREMENTS_HPP

#include <taskleak/detail/base/requirements.hpp>

#include <climits>  // why: __GLIBC__ is defined by the first header of the C library

#if !defined(__linux__) || !defined(__x86_64__) || defined(__ILP32__) || !defined(__GLIBC__)
#error "taskleak's main line is written for 64-bit x86 Linux with glibc: leave it, and guards, out of this build"
#include "taskleak: the error above says what to do"
#endif

#if defined(TASKLEAK_MAIN_IS_LINKED)
#error \
    "this program links a main target of taskleak, which brings main() and the main line: for a main() of your own link taskleak::gtest in place of taskleak::gtest_main, taskleak::catch2 in place of taskleak::catch2_main"
#include "taskleak: the error above says what to do"
#endif

#endif
