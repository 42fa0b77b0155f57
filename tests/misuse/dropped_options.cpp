// SPDX-License-Identifier: MIT
/// \file Options that are put together and dropped.
#include <taskleak/guard.hpp>

void test();
void test() {
#ifdef MISTAKE
  taskleak::ignore_name("pool*") | taskleak::ignore_name("logger");
#else
  const auto rules = taskleak::ignore_name("pool*") | taskleak::ignore_name("logger");
  taskleak::guard guard(rules);
#endif
}
