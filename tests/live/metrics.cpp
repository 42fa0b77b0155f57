// SPDX-License-Identifier: MIT
/// \file Writes its metrics: threads in states of all kinds, one of which has a label that has to be escaped.
#include <taskleak/blocking_region.hpp>
#include <taskleak/debug_endpoint.hpp>

#include <iostream>
#include <latch>
#include <thread>

int main() {
  std::latch labelled(1);
  std::latch end(1);
  std::thread waits([&] { end.wait(); });
  std::thread sends([&] {
    taskleak::blocking_region sending("channel \"orders\" \\ send");
    labelled.count_down();
    end.wait();
  });
  labelled.wait();
  std::cout << taskleak::debug_endpoint::handle("/metrics").body;
  end.count_down();
  waits.join();
  sends.join();
}
