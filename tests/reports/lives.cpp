// SPDX-License-Identifier: MIT
/// \file Tests whose tasks live for a while: some end in time, one does not.
#include "../coroutine/kinds.hpp"
#include "../gate.hpp"
#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include <pthread.h>

namespace {

void name_thread(const char* name) { pthread_setname_np(pthread_self(), name); }

TEST(Lives, OfThreads) {
  for (int i = 0; i < 3; ++i) std::thread([] { name_thread("quick"); }).join();
}

TEST(Lives, OfOneThatStays) {
  tests::gate& never = tests::eternal_gate();
  std::latch has_begun(1);
  std::thread([&never, &has_begun] {
    name_thread("stays");
    has_begun.count_down();
    never.wait();
  }).detach();
  has_begun.wait();
}

kinds::basic_task<int> answer() { co_return 42; }

kinds::basic_task<void> ask() { co_await answer(); }

TEST(Lives, OfCoroutines) {
  auto asked = ask();
  asked.start();
}

}  // namespace
