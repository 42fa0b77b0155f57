// SPDX-License-Identifier: MIT
/// \file Compiled once in a build, and linked into each program that links taskleak::gmock_main.
#include <taskleak/gmock_main.hpp>
