// SPDX-License-Identifier: MIT
/// \file What is said of a thread in each way to block, and that looking does not wake it; built with several ways to lay out
/// frames.
#include <taskleak/detail/unwind/thread_stack.hpp>
#if defined(TASKLEAK_TESTS_HAVE_LIBDW)
#include <taskleak/detail/unwind/libdw_walker.hpp>
#endif

#include "blocking_calls.hpp"

#include <algorithm>
#include <string_view>

namespace {

using namespace unit;

template <class Call>
class BlockedIn : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(pthread_create(&thread, nullptr, &run, this), 0);
    until_parked_in(tid.get(), Call::system_call);
  }
  void TearDown() override {
    EXPECT_FALSE(returned) << "the call came back before it was to";
    call.release(thread);
    EXPECT_EQ(pthread_join(thread, nullptr), 0);
  }

  static void* run(void* self) {
    auto& test = *static_cast<BlockedIn*>(self);
    test.tid.tell();
    test.call.wait_here();
    test.returned = true;
    return nullptr;
  }

  Call call;
  told_tid tid;
  pthread_t thread{};
  std::atomic<bool> returned{false};
};

using calls =
    testing::Types<condition_variable_wait, condition_variable_wait_for, condition_variable_any_wait, mutex_lock,
                   recursive_mutex_lock, timed_mutex_try_lock_for, shared_mutex_lock_shared, shared_mutex_lock,
                   writer_first_rdlock, second_wrlock, static_initialisation, call_once, sem_wait_call, sem_timedwait_call,
                   counting_semaphore_acquire, semop_call, posix_join, posix_timedjoin, posix_barrier_wait, std_barrier_wait,
                   latch_wait, atomic_wait, atomic_of_eight_bytes_wait, atomic_flag_wait, future_get, future_wait_for, raw_futex,
                   sleep_for, nanosleep_call, pause_call, sigwait_call, sigtimedwait_call, poll_call, select_call,
                   epoll_wait_call, read_pipe, write_full_pipe, read_eventfd, accept_call, recv_call, flock_call>;

struct names {
  template <class Call>
  static std::string GetName(int) {
    return Call::name;
  }
};
TYPED_TEST_SUITE(BlockedIn, calls, names);

/// What a report has to say of a call. The tests are functions that take it, so that each is compiled once for all calls.
struct expected_words {
  std::string_view name;
  taskleak::state state;
  std::string_view object;
  std::string_view plain_object;
  std::string_view detail;
};
template <class Call>
constexpr expected_words expected_of{Call::name, Call::expected_state, Call::object, Call::plain_object, Call::detail};

void expect_state_object_and_whole_stack(int tid, const waited_for& target, const expected_words& expected) {
  const auto found = find_thread(tid);
  ASSERT_TRUE(found);
  const taskleak::straggler& s = *found;

#if defined(TASKLEAK_USE_LIBBACKTRACE)
  const bool inlined_functions_have_names = true;
#else
  const bool inlined_functions_have_names = false;
#endif
  const bool plain = expected.object != expected.plain_object && !inlined_functions_have_names;
  if (!plain) {
    EXPECT_STREQ(to_string(s.state), to_string(expected.state)) << in_words(s);
    EXPECT_EQ(s.waits_on.kind, expected.object) << in_words(s);
  } else {
    EXPECT_TRUE(s.state == expected.state || s.state == taskleak::state::futex_wait) << in_words(s);
  }
  EXPECT_EQ(s.state_text, to_string(s.state));
  if (target.bytes != 0) {
    EXPECT_LT(s.waits_on.address - target.first, target.bytes) << in_words(s);
  }
  if (!plain) {
    EXPECT_NE(s.waits_on.detail.find(expected.detail), std::string::npos) << "in: " << s.waits_on.detail;
  }

  EXPECT_EQ(s.stack_note, "");
  EXPECT_TRUE(has_function(s.stack, std::string(expected.name) + "::wait_here()")) << in_words(s);
  EXPECT_TRUE(has_function(s.stack, "::run(void*)")) << in_words(s);
  EXPECT_TRUE(has_function(s.stack, "taskleak_thread_start")) << in_words(s);
  EXPECT_EQ(taskleak::to_text({{}, {s}, {}, {}}).find("taskleak_thread_start"), std::string::npos) << in_words(s);
}

TYPED_TEST(BlockedIn, HasItsStateObjectAndWholeStack) {
  expect_state_object_and_whole_stack(this->tid.get(), this->call.target(), expected_of<TypeParam>);
}

void expect_users_function_first(int tid, const expected_words& expected) {
  const auto found = find_thread(tid);
  ASSERT_TRUE(found);
  const auto first = std::find_if(found->stack.begin(), found->stack.end(), [](const taskleak::frame& f) { return !f.plumbing; });
  ASSERT_NE(first, found->stack.end()) << in_words(*found);
  EXPECT_NE(first->function.find(expected.name), std::string::npos) << in_words(*found);
}

TYPED_TEST(BlockedIn, HasTheUsersFunctionFirst) { expect_users_function_first(this->tid.get(), expected_of<TypeParam>); }

#if defined(TASKLEAK_TESTS_HAVE_LIBDW)
void expect_frames_that_libdw_finds(int tid, const expected_words& expected) {
  const auto parked = taskleak::detail::read_parked_call(tid);
  const taskleak::detail::raw_stack own = taskleak::detail::walk_by_own(parked.sp, parked.pc);
  const taskleak::detail::raw_stack other = taskleak::detail::walk_by_libdw(parked.sp, parked.pc);
  EXPECT_TRUE(own.complete);
  // glibc's function saves the frame pointer that those around it find their frames from
  if (expected.name == "condition_variable_wait") {
    EXPECT_TRUE(other.complete);
  }
  // where nobody has saved the frame pointer that a function needs, libdw ends
  ASSERT_EQ(own.addresses.size() == other.addresses.size(), other.complete) << own.addresses.size();
  ASSERT_LE(other.addresses.size(), own.addresses.size());
  for (std::size_t i = 0; i < other.addresses.size(); ++i) {
    EXPECT_EQ(own.addresses[i], other.addresses[i]) << "frame " << i;
    EXPECT_EQ(own.interrupted[i], other.interrupted[i]) << "frame " << i;
  }
  EXPECT_FALSE(other.addresses.empty());
}

TYPED_TEST(BlockedIn, HasTheFramesThatLibdwFinds) { expect_frames_that_libdw_finds(this->tid.get(), expected_of<TypeParam>); }
#endif

void expect_no_disturbance_by_1000_looks(int tid) {
  const auto parked = taskleak::detail::read_parked_call(tid);
  for (int i = 0; i < 1000; ++i) {
    const taskleak::detail::thread_look look = taskleak::detail::look_at_thread(tid);
    ASSERT_TRUE(look.stack.complete);
    ASSERT_EQ(look.call, parked) << "it is where it was";
  }
}

TYPED_TEST(BlockedIn, IsNotDisturbedBy1000Looks) { expect_no_disturbance_by_1000_looks(this->tid.get()); }

}  // namespace
