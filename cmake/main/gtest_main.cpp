// SPDX-License-Identifier: MIT
/// \file Compiled into each program that links taskleak::gtest_main, with the flags of that program.
#include <taskleak/gtest_main.hpp>
