// SPDX-License-Identifier: MIT
/// \file Two guards for one scope would check it twice.
#include <taskleak/guard.hpp>

void test();
void test() {
  taskleak::guard guard;
#ifdef MISTAKE
  taskleak::guard copy(guard);
#endif
}
