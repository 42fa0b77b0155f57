// SPDX-License-Identifier: MIT
/// \file A worker that idles in oneTBB's pool, one that is stuck in a job there, and a thread of no pool.
#include <gtest/gtest.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/partitioner.h>
#include <oneapi/tbb/task_arena.h>

#include <latch>
#include <semaphore>
#include <thread>

namespace {

std::binary_semaphore never(0);

/// Two iterations that only end together, so that a worker has to take one of them.
void run_on_two_threads() {
  const oneapi::tbb::global_control two(oneapi::tbb::global_control::max_allowed_parallelism, 2);
  std::latch both(2);
  const oneapi::tbb::blocked_range<int> iterations(0, 2);
  const auto meet = [&](const oneapi::tbb::blocked_range<int>&) { both.arrive_and_wait(); };
  oneapi::tbb::parallel_for(iterations, meet, oneapi::tbb::simple_partitioner());
}

void wait_for_ever(std::latch& running) {
  running.count_down();
  never.acquire();
}

}  // namespace

TEST(OldPool, Idles) { run_on_two_threads(); }

TEST(NewPool, IsStuckInAJob) {
  static oneapi::tbb::task_arena arena(2, 1);
  static std::latch running(1);
  arena.enqueue([] { wait_for_ever(running); });
  running.wait();
}

TEST(NewPool, IsNoPool) { std::thread(wait_for_ever, std::ref(*new std::latch(1))).detach(); }
