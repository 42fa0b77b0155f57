// SPDX-License-Identifier: MIT
/// \file main() ends its own thread alone; a worker goes on, looks around, and ends the program.
#include <taskleak/guard.hpp>
#include <taskleak/report.hpp>

#include "held.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <sched.h>
#include <unistd.h>

namespace {

/// Until the kernel shows the main thread as a zombie.
void until_main_thread_has_left() {
  const std::string path = "/proc/self/task/" + std::to_string(getpid()) + "/stat";
  for (;;) {
    std::ifstream file(path);
    const std::string line((std::istreambuf_iterator<char>(file)), {});
    if (line.find(") Z ") != line.npos) return;
    sched_yield();
  }
}

}  // namespace

int main() {
  leaky::waiting_thread("other").detach();
  std::thread([] {
    until_main_thread_has_left();
    const taskleak::report found = taskleak::find(taskleak::wait_up_to(std::chrono::seconds(0)));
    std::printf("found %zu: %s\n", found.stragglers.size(),
                found.stragglers.empty() ? "" : found.stragglers.front().name.c_str());
    std::exit(0);
  }).detach();
  pthread_exit(nullptr);
}
