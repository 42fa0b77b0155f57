// SPDX-License-Identifier: MIT
/// \file Refuses to compile a main line for which something is missing; such a source file includes this header first.
#ifndef TASKLEAK_DETAIL_RUN_MAIN_REQUIREMENTS_HPP
#define TASKLEAK_DETAIL_RUN_MAIN_REQUIREMENTS_HPP

#include <taskleak/detail/base/requirements.hpp>

#if defined(TASKLEAK_MAIN_IS_LINKED)
#error \
    "this program links a main target of taskleak, which brings main() and the main line: for a main() of your own link taskleak::gtest in place of taskleak::gtest_main, taskleak::catch2 in place of taskleak::catch2_main, taskleak::doctest in place of taskleak::doctest_main, taskleak::boost_test in place of taskleak::boost_test_main"
#include "taskleak: the error above says what to do"
#endif

#endif
