// SPDX-License-Identifier: MIT
/// \file The main line, compiled once for the programs of this folder.
#include <taskleak/gtest_main.hpp>
