// SPDX-License-Identifier: MIT
/// \file find() fails nothing, so its result is all it does.
#include <taskleak/guard.hpp>
#include <taskleak/report.hpp>

bool test();
bool test() {
#ifdef MISTAKE
  taskleak::find(taskleak::ignore_name("pool*"));
  return true;
#else
  return taskleak::find(taskleak::ignore_name("pool*")).empty();
#endif
}
