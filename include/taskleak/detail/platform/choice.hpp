// SPDX-License-Identifier: MIT
/// \file Decides which back end this program is compiled for: linux/, or portable/ where there is no other or it is asked for.
///
/// Nobody outside of this room includes a file of either by name. A back end more is a folder more, and a line here.
#ifndef TASKLEAK_DETAIL_PLATFORM_CHOICE_HPP
#define TASKLEAK_DETAIL_PLATFORM_CHOICE_HPP

#if defined(__linux__) && __has_include(<features.h>)
#include <features.h>  // why: __GLIBC__
#endif

// TASKLEAK_PORTABLE is the user's: all files of a program are to be compiled with it, or none.
#if !defined(TASKLEAK_PORTABLE) && defined(__linux__) && defined(__GLIBC__) && \
    ((defined(__x86_64__) && !defined(__ILP32__)) || (defined(__aarch64__) && defined(__LP64__) && defined(__AARCH64EL__)))
#define TASKLEAK_ON_LINUX 1
#endif

#endif
