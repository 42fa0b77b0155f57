// SPDX-License-Identifier: MIT
/// \file Threads whose wait has a limit.
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace {

using namespace std::chrono_literals;

TEST(Timed, Sleeps) {
  std::thread([] { std::this_thread::sleep_for(1h); }).detach();
}

TEST(Timed, WaitsForACondition) {
  static auto& mutex = *new std::mutex;
  static auto& changed = *new std::condition_variable;
  std::thread([] {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, 1h, [] { return false; });
  }).detach();
}

TEST(Timed, SleepsAgainAndAgain) {
  std::thread([] {
    for (;;) std::this_thread::sleep_for(5ms);
  }).detach();
}

TEST(Timed, SleepsForAMoment) {
  std::thread([] { std::this_thread::sleep_for(50ms); }).detach();
}

}  // namespace
