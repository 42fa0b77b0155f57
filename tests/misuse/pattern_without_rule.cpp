// SPDX-License-Identifier: MIT
/// \file A pattern alone does not say what it is tried on.
#include <taskleak/guard.hpp>

void test();
void test() {
#ifdef MISTAKE
  taskleak::guard guard("pool*");
#else
  taskleak::guard guard(taskleak::ignore_name("pool*"));
#endif
}
