// SPDX-License-Identifier: MIT
/// \file Threads that hand pointers to each other all the time, while checks judge who can still be woken. Run with `--looks=N`
/// to look more often.
#include <taskleak/guard.hpp>
#include <taskleak/report.hpp>

#include "../gate.hpp"
#include "../unit/parked_thread.hpp"
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <pthread.h>
#include <sys/syscall.h>

namespace {

using tests::gate;

std::array<std::atomic<gate*>, 64> slots;
std::atomic<bool> is_over{false};

void call_me(const char* name) { pthread_setname_np(pthread_self(), name); }

template <class Function>
void leave_parked(const char* name, Function function) {
  const auto tid = std::make_shared<unit::told_tid>();
  std::thread([=] {
    call_me(name);
    tid->tell();
    function();
  }).detach();
  unit::until_parked_in(tid->get(), SYS_futex);
}

/// Takes gates out of slots, has each of them for a moment in a local variable alone, and puts it into another slot; allocates
/// and frees all the while.
void hand_on(unsigned seed) {
  call_me("worker");
  std::minstd_rand random(seed);
  std::vector<std::unique_ptr<char[]>> blocks(200);
  while (!is_over.load(std::memory_order_relaxed)) {
    for (int i = 0; i < 20; ++i) {
      const std::size_t size = random() % 50 == 0 ? 150'000 + random() % 100'000 : 16 + random() % 700;
      blocks[random() % blocks.size()].reset(new char[size]);
    }
    gate* const taken = slots[random() % slots.size()].exchange(nullptr);
    if (!taken) continue;
    for (unsigned spin = random() % 2000; spin > 0; --spin) asm volatile("" ::: "memory");
    for (gate* none = nullptr; !slots[random() % slots.size()].compare_exchange_strong(none, taken); none = nullptr) {
    }
  }
}

void start_and_join_threads() {
  call_me("worker");
  while (!is_over) {
    std::thread([] { call_me("worker"); }).join();
    std::thread([] { call_me("worker"); }).detach();
  }
}

int looks_from_arguments() {
  for (const std::string& argument : testing::internal::GetArgvs())
    if (argument.starts_with("--looks=")) return std::atoi(argument.c_str() + 8);
  return 6;
}

TEST(Stress, NoTaskIsCalledOrphanedWhoseGateIsHandedOnBetweenThreads) {
  std::array<gate, 6> healthy;
  for (std::size_t i = 0; i < healthy.size(); ++i) {
    slots[9 * i] = &healthy[i];
    leave_parked("healthy",
                 [turned = ~reinterpret_cast<std::uintptr_t>(&healthy[i])] { reinterpret_cast<gate*>(~turned)->wait(); });
  }
  for (int i = 0; i < 4; ++i) leave_parked("doomed", [g = std::make_shared<gate>()] { g->wait(); });
  std::vector<std::jthread> workers;
  for (unsigned i = 1; i <= 8; ++i) workers.emplace_back(&hand_on, i);
  workers.emplace_back(&start_and_join_threads);

  int named = 0, searches = 0;
  std::vector<std::string> wrong;
  const int looks = looks_from_arguments();
  for (int i = 0; i < looks; ++i) {
    int named_now = 0;
    for (const taskleak::straggler& s : taskleak::find(unit::at_once).stragglers) {
      if (s.verdict != taskleak::verdict::orphaned && s.verdict != taskleak::verdict::deadlocked) continue;
      if (s.name == "doomed")
        ++named_now;
      else
        wrong.push_back(s.name + ": " + s.reason);
    }
    named += named_now;
    searches += named_now != 0;
  }
  std::printf("%d looks, %d of them with verdicts: %d of the doomed named, %zu wrong\n", looks, searches, named, wrong.size());
  EXPECT_EQ(wrong, std::vector<std::string>());
  is_over = true;
  workers.clear();
  for (gate& g : healthy) g.open();
}

}  // namespace
