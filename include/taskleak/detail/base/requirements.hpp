// SPDX-License-Identifier: MIT
/// \file Refuses a compiler that taskleak cannot use; every other header includes this one before it needs C++20.
#ifndef TASKLEAK_DETAIL_BASE_REQUIREMENTS_HPP
#define TASKLEAK_DETAIL_BASE_REQUIREMENTS_HPP

// why an #include of a file that is not there: it ends the compilation, so that no thousand lines follow the remedy
#if __cplusplus < 201709L
#error "taskleak needs C++20: compile with -std=c++20, in CMake with target_compile_features(<target> PRIVATE cxx_std_20)"
#include "taskleak: the error above says what to do"
#endif

// why not __cpp_lib_source_location: <version>, which defines it, is longer than all that a light header includes
#if !defined(__has_builtin)
#error "taskleak needs std::source_location: compile with g++ 12, clang 16 or newer"
#include "taskleak: the error above says what to do"
#elif !__has_builtin(__builtin_source_location)
#error "taskleak needs std::source_location: compile with g++ 12, clang 16 or newer"
#include "taskleak: the error above says what to do"
#endif

#endif
