// SPDX-License-Identifier: MIT
/// \file What the other files of this folder start from.
#include <taskleak/guard.hpp>

void test();
void test() {}
