// SPDX-License-Identifier: MIT
/// \file Uses taskleak as a module; the main line is another file's.
#include <cstdio>
#include <latch>
#include <thread>

import taskleak;

int main() {
  {
    taskleak::guard guard(taskleak::ignore_name("pool-*", "the pool stays"));
    std::thread([] {}).join();
  }
  static std::latch& never = *new std::latch(1);
  std::thread([] { never.wait(); }).detach();
  const taskleak::report found = taskleak::find();
  std::printf("%s\n", found.clean() ? "clean" : taskleak::headline_of(found).c_str());
  return taskleak::task_count() == 1 ? 0 : 1;
}
