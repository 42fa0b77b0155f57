// SPDX-License-Identifier: MIT
/// \file A snapshot that nothing can be compared with.
#include <taskleak/guard.hpp>

void test();
void test() {
#ifdef MISTAKE
  taskleak::snapshot();
#else
  taskleak::snapshot before;
  taskleak::guard guard(taskleak::ignore_current(before));
#endif
}
