// SPDX-License-Identifier: MIT
/// \file As nameless_guard.cpp, through the other constructors.
#include <taskleak/guard.hpp>

void test();
void test() {
#ifdef MISTAKE
  taskleak::guard(taskleak::ignore_name("pool"), taskleak::ignore_name("logger"));
#else
  taskleak::guard guard(taskleak::ignore_name("pool"), taskleak::ignore_name("logger"));
#endif
}
