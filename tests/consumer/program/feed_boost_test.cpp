// SPDX-License-Identifier: MIT
/// \file The same tests for Boost.Test; the program's main() comes from the target it links.
#define BOOST_TEST_MODULE feed
#include <boost/test/unit_test.hpp>

#include <latch>
#include <thread>

BOOST_AUTO_TEST_CASE(ends_its_thread) {
  std::thread([] {}).join();
}

BOOST_AUTO_TEST_CASE(leaves_its_thread) {
  static auto& never = *new std::latch(1);
  std::thread([] { never.wait(); }).detach();
}
