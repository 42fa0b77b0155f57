// SPDX-License-Identifier: MIT
/// \file Compiled once in a build, and linked into each program that links taskleak::catch2_main.
#include <taskleak/catch2_main.hpp>
