// SPDX-License-Identifier: MIT
/// \file Compiled once in a build, and linked into each program that links taskleak::gtest_main.
#include <taskleak/gtest_main.hpp>
