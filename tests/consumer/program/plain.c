// SPDX-License-Identifier: MIT
/// \file A file in C: what the heavy part of taskleak is compiled with is none of its business.
#if defined(FMT_SHARED) || defined(BOOST_ALL_NO_LIB) || defined(TASKLEAK_USE_LIBBACKTRACE) || defined(TASKLEAK_MAIN_IS_LINKED)
#error "definitions for the main line reach a file in C"
#endif

int plain(void);
int plain(void) { return 0; }
