// SPDX-License-Identifier: MIT
/// \file Options without a name, as nameless_guard.cpp.
#include <taskleak/guard.hpp>

void test();
void test() {
#ifdef MISTAKE
  taskleak::options(taskleak::ignore_name("pool*"), taskleak::ignore_name("logger"));
#else
  taskleak::options rules(taskleak::ignore_name("pool*"), taskleak::ignore_name("logger"));
  taskleak::guard guard(rules);
#endif
}
