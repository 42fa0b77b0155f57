// SPDX-License-Identifier: MIT
/// \file A guard without a name is over at its semicolon, before the test has begun.
#include <taskleak/guard.hpp>

void test();
void test() {
#ifdef MISTAKE
  taskleak::guard{};
#else
  taskleak::guard guard{};
#endif
}
