// SPDX-License-Identifier: MIT
/// \file Compiled into each program that links taskleak::catch2_main, with the flags of that program.
#include <taskleak/catch2_main.hpp>
