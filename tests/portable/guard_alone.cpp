// SPDX-License-Identifier: MIT
/// \file A guard in a program without a test framework: `left` leaves a thread, without an argument none is left.
#include <taskleak/guard.hpp>
#include <taskleak/runtime.hpp>
#include <taskleak/thread.hpp>

#include <chrono>
#include <latch>

int main(int argc, char**) {
  static auto& never = *new std::latch(1);
  taskleak::guard guard(taskleak::wait_up_to(std::chrono::milliseconds(10)));
  taskleak::thread worker([leaves = argc > 1] {
    if (leaves) never.wait();
  });
  argc > 1 ? worker.detach() : worker.join();
  return 0;
}
