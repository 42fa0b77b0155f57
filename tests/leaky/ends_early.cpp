// SPDX-License-Identifier: MIT
/// \file The program ends within a test, past every handler, with a thread alive.
#include "held.hpp"
#include <gtest/gtest.h>

#include <cstdlib>

#include <unistd.h>

namespace {

TEST(EndsEarly, ByUnderscoreExit) {
  leaky::waiting_thread("left").detach();
  _exit(3);
}

TEST(EndsEarly, ByQuickExit) {
  leaky::waiting_thread("left").detach();
  std::quick_exit(4);
}

TEST(EndsEarly, ByExit) {
  leaky::waiting_thread("left").detach();
  std::exit(5);
}

TEST(EndsEarly, ByExitOfAnotherThread) {
  std::thread([] { std::exit(6); }).join();
}

}  // namespace
