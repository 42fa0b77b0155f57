// SPDX-License-Identifier: MIT
/// \file Tests that leave tasks of each kind that a report tells of. Which of them are run is the command's choice.
#include "../gate.hpp"
#include <gtest/gtest.h>

#include <cstdint>
#include <latch>
#include <mutex>
#include <thread>

#include <pthread.h>

namespace {

/// Starts a thread that waits for ever, and returns when it has begun.
void leave_thread(const char* name, tests::gate& never = tests::eternal_gate()) {
  std::latch has_begun(1);
  std::thread([&never, &has_begun, name] {
    pthread_setname_np(pthread_self(), name);
    has_begun.count_down();
    never.wait();
  }).detach();
  has_begun.wait();
}

TEST(Clean, LeavesNothing) {}

TEST(Feed, Closes) { leave_thread("feed"); }

TEST(Feed, Opens) {
  for (const char* const name : {"one", "two", "three"}) leave_thread(name);
}

TEST(Names, AreNoUtf8) { leave_thread("\xff\x1b[31m<&\"'\n\\"); }

TEST(Locks, AreTakenInTwoOrders) {
  struct locks {
    std::mutex first, second;
    std::latch both{2};
  };
  auto& held = *new locks;
  std::thread([&held] {
    const std::lock_guard one(held.first);
    held.both.arrive_and_wait();
    const std::lock_guard two(held.second);
  }).detach();
  std::thread([&held] {
    const std::lock_guard two(held.second);
    held.both.arrive_and_wait();
    const std::lock_guard one(held.first);
  }).detach();
  held.both.wait();
}

/// Is a gate whose address nothing holds but the threads that wait at it.
tests::gate& hidden_gate() {
  static const std::uintptr_t turned = ~reinterpret_cast<std::uintptr_t>(new tests::gate);
  return *reinterpret_cast<tests::gate*>(~turned);
}

TEST(Hidden, First) { leave_thread("first", hidden_gate()); }

TEST(Hidden, Second) { leave_thread("second", hidden_gate()); }

TEST(Hang, NeverEnds) { tests::eternal_gate().wait(); }

}  // namespace
