// SPDX-License-Identifier: MIT
/// \file What TASKLEAK_OPTIONS can change about tests that leak.
#include "held.hpp"
#include <gtest/gtest.h>

namespace {

[[gnu::noinline]] void descend(int depth, const char* name) {
  if (depth > 0)
    descend(depth - 1, name);
  else
    leaky::waiting_thread(name).detach();
  asm volatile("" ::: "memory");
}

TEST(Old, LeavesAThread) { leaky::waiting_thread("old leak").detach(); }

/// Unlike the others it is not made in waiting_thread(), which a rule for one of them would cover for all.
TEST(New, LeavesAThread) {
  leaky::gate& waits = leaky::eternal_gate();
  std::thread([&waits] {
    waits.open();
    leaky::wait_for_ever(leaky::eternal_gate());
  }).detach();
  waits.wait();
}

TEST(Deep, LeavesAThread) { descend(6, "deep"); }

TEST(Clean, LeavesNone) {
  std::thread([] {}).join();
}

}  // namespace
