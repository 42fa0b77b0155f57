// SPDX-License-Identifier: MIT
/// \file A whole program, except for the main line.
#include <taskleak/guard.hpp>

int main() { taskleak::guard guard; }
