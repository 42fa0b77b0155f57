// SPDX-License-Identifier: MIT
/// \file oneTBB: its workers outlive the loop that started them.
#include <gtest/gtest.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/partitioner.h>
#include <oneapi/tbb/task_arena.h>

#include <latch>
#include <thread>

namespace {

/// Two iterations that only end together, so that a worker has to take one of them.
void run_on_two_threads() {
  const oneapi::tbb::global_control two(oneapi::tbb::global_control::max_allowed_parallelism, 2);
  std::latch both(2);
  const oneapi::tbb::blocked_range<int> iterations(0, 2);
  const auto meet = [&](const oneapi::tbb::blocked_range<int>&) { both.arrive_and_wait(); };
  oneapi::tbb::parallel_for(iterations, meet, oneapi::tbb::simple_partitioner());
}

}  // namespace

TEST(Tbb, KeepsItsWorkers) { run_on_two_threads(); }

TEST(Tbb, LeavesAThreadBesideItsWorkers) {
  run_on_two_threads();
  std::thread([] { std::latch(1).wait(); }).detach();
}

TEST(Tbb, RunsAJobThatNeverEnds) {
  static oneapi::tbb::task_arena arena(2, 1);
  static std::latch running(1);
  arena.enqueue([] {
    running.count_down();
    std::latch(1).wait();
  });
  running.wait();
}

TEST(Tbb, EndsItsWorkersWhenFinalized) {
  oneapi::tbb::task_scheduler_handle scheduler{oneapi::tbb::attach{}};
  run_on_two_threads();
  oneapi::tbb::finalize(scheduler);
}

TEST(Tbb, RunsATaskThatLeavesAThread) {
  const oneapi::tbb::global_control one(oneapi::tbb::global_control::max_allowed_parallelism, 1);
  oneapi::tbb::parallel_for(0, 1, [](int) { std::thread([] { std::latch(1).wait(); }).detach(); });
}
