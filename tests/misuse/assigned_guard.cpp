// SPDX-License-Identifier: MIT
/// \file A guard ends with the block it was made in and cannot be given another scope.
#include <taskleak/guard.hpp>

void test();
void test() {
  taskleak::guard guard;
  taskleak::guard other;
#ifdef MISTAKE
  guard = other;
#endif
}
