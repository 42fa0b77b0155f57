// SPDX-License-Identifier: MIT
/// \file A guard in a program without a test framework: `leak` leaves a thread, `ends 3` does too and returns 3, `clean` does
/// not.
#include <taskleak/guard.hpp>

#include "held.hpp"

#include <chrono>
#include <cstdlib>
#include <cstring>

namespace {

void test(bool leaks) {
  taskleak::guard guard(taskleak::wait_up_to(std::chrono::milliseconds(1)));  // this line
  if (leaks)
    leaky::waiting_thread("left").detach();
  else
    std::thread([] {}).join();
}

}  // namespace

int main(int argc, char** argv) {
  const bool leaks = argc > 1 && std::strcmp(argv[1], "clean") != 0;
  test(leaks);
  if (leaks) test(true);
  return argc > 2 ? std::atoi(argv[2]) : 0;
}
