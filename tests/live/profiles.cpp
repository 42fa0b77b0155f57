// SPDX-License-Identifier: MIT
/// \file Writes profiles of itself, one before and one after it has left two more threads waiting; then all end.
#include <taskleak/guard.hpp>
#include <taskleak/ignore.hpp>
#include <taskleak/pprof.hpp>

#include "../gate.hpp"
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <fstream>
#include <thread>
#include <vector>

namespace {

tests::gate gate;

[[gnu::noinline]] void waits_for_an_order() {
  gate.wait();
  asm volatile("");  // no tail call: the function stays on the stack
}

[[gnu::noinline]] void takes_orders() {
  waits_for_an_order();
  asm volatile("");
}

/// Writes a profile of the threads once `count` of them wait.
void write_profile(const char* path, std::size_t count) {
  for (;;) {
    const taskleak::report found = taskleak::find(taskleak::wait_up_to(std::chrono::seconds(0)));
    std::size_t waiting = 0;
    for (const taskleak::straggler& s : found.stragglers) waiting += s.state == taskleak::state::condition_wait;
    if (waiting != count) continue;
    std::ofstream(path, std::ios::binary) << taskleak::to_pprof(found);
    return;
  }
}

TEST(Orders, AreTakenByMoreAndMoreThreads) {
  std::vector<std::jthread> takers;
  takers.emplace_back(takes_orders);
  write_profile("before.pb.gz", 1);
  takers.emplace_back(takes_orders);
  takers.emplace_back(takes_orders);
  write_profile("after.pb.gz", 3);
  gate.open();
}

}  // namespace
