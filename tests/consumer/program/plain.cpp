// SPDX-License-Identifier: MIT
/// \file A file of a program whose main line is compiled elsewhere.
#if defined(FMT_SHARED) || defined(BOOST_ALL_NO_LIB) || defined(TASKLEAK_USE_LIBBACKTRACE)
#error "definitions for the main line reach a file that has none"
#endif
