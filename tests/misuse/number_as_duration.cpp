// SPDX-License-Identifier: MIT
/// \file A number does not say seconds or milliseconds.
#include <taskleak/guard.hpp>

#include <chrono>

void test();
void test() {
#ifdef MISTAKE
  taskleak::guard guard(taskleak::wait_up_to(5));
#else
  taskleak::guard guard(taskleak::wait_up_to(std::chrono::seconds(5)));
#endif
}
