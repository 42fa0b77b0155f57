// SPDX-License-Identifier: MIT
/// \file Signal handlers that leave a join by siglongjmp(), as time limits of test frameworks do.
#include <taskleak/detail/probe/thread/thread_life.hpp>
#include <taskleak/snapshot.hpp>

#include "parked_thread.hpp"

#include <csetjmp>
#include <csignal>
#include <ctime>
#include <vector>

#include <pthread.h>

namespace {

using namespace unit;

sigjmp_buf before_join;

/// Where the handler runs.
enum class handler_stack { own, alternative };

class Longjmp : public testing::TestWithParam<handler_stack> {
 protected:
  Longjmp() : room_(1 << 16) {
    struct sigaction jump {};
    jump.sa_handler = [](int) { siglongjmp(before_join, 1); };
    stack_t other{};
    other.ss_sp = room_.data();
    other.ss_size = room_.size();
    if (GetParam() == handler_stack::alternative) {
      jump.sa_flags = SA_ONSTACK;
      sigaltstack(&other, &stack_before_);
    }
    sigaction(SIGUSR1, &jump, &action_before_);
  }
  void SetUp() override {
#if defined(__aarch64__)
    if (GetParam() == handler_stack::alternative)
      GTEST_SKIP() << "a jump off another stack leaves the hooks blind there, see docs/limitations.md, AArch64";
#endif
  }
  ~Longjmp() override {
    sigaction(SIGUSR1, &action_before_, nullptr);
    if (GetParam() == handler_stack::alternative) sigaltstack(&stack_before_, nullptr);
  }

  /// Calls `join`, which waits, and leaves it by a jump.
  template <class Join>
  void jump_out_of(Join join) {
    const int tid = own_tid();
    const pthread_t self = pthread_self();
    std::thread interrupts([=] {
      until_parked_in(tid, SYS_futex);
      pthread_kill(self, SIGUSR1);
    });
    if (sigsetjmp(before_join, 1) == 0) {
      join();
      ADD_FAILURE() << "it was to wait";
    }
    interrupts.join();
  }

  void expect_threads_are_tracked() {
    held_thread later;
    EXPECT_TRUE(find_thread(later.tid()));
  }

 private:
  std::vector<char> room_;
  stack_t stack_before_{};
  struct sigaction action_before_ {};
};
INSTANTIATE_TEST_SUITE_P(OnStack, Longjmp, testing::Values(handler_stack::own, handler_stack::alternative));

TEST_P(Longjmp, OutOfAJoinLeavesNoMark) {
  held_thread joined;
  joined.tid();
  const pthread_t handle = joined.thread().native_handle();
  jump_out_of([&] { pthread_join(handle, nullptr); });
  EXPECT_FALSE(taskleak::detail::joins_under_way.has(handle));
  expect_threads_are_tracked();
}

TEST_P(Longjmp, OutOfAJoinLetsTheThreadBeJoinedOnceMore) {
  {
    held_thread joined;
    joined.tid();
    jump_out_of([&] { pthread_join(joined.thread().native_handle(), nullptr); });
  }
  EXPECT_EQ(taskleak::task_count(), 0u);
}

TEST_P(Longjmp, OutOfAJoinWithATimeLimitLeavesNoMark) {
  held_thread joined;
  joined.tid();
  timespec tomorrow{};
  clock_gettime(CLOCK_REALTIME, &tomorrow);
  tomorrow.tv_sec += 24 * 60 * 60;
  jump_out_of([&] { pthread_timedjoin_np(joined.thread().native_handle(), nullptr, &tomorrow); });
  expect_threads_are_tracked();
  jump_out_of([&] { pthread_clockjoin_np(joined.thread().native_handle(), nullptr, CLOCK_REALTIME, &tomorrow); });
  expect_threads_are_tracked();
}

}  // namespace
