// SPDX-License-Identifier: MIT
/// \file Compiled once in a build for each framework in use, and linked into each program that links its taskleak::*_main.
#include TASKLEAK_MAIN_HEADER
