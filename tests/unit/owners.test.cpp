// SPDX-License-Identifier: MIT
/// \file Threads that a static object owns, as find(), verify_none() and guards tell of them.
#include <taskleak/guard.hpp>
#include <taskleak/ignore.hpp>
#include <taskleak/report.hpp>
#include <taskleak/taskleak.hpp>

#include "parked_thread.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pthread.h>
#include <sys/syscall.h>

namespace unit {

/// A thread that waits for a lock until its owner is destroyed.
class worker {
 public:
  worker() {
    lock_.lock();
    thread_ = std::thread([this] {
      tid_.tell();
      const std::lock_guard wait(lock_);
    });
    until_parked_in(tid(), SYS_futex);
  }
  ~worker() {
    lock_.unlock();
    thread_.join();
  }
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  int tid() const { return tid_.get(); }

 private:
  std::mutex lock_;
  told_tid tid_;
  std::thread thread_;
};

// with external linkage, so that each store is made
std::unique_ptr<worker> kept;
std::vector<std::unique_ptr<worker>> kept_in_a_vector;
std::uintptr_t hidden;

}  // namespace unit

namespace {

using taskleak::report;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using unit::at_once;
using unit::worker;

[[gnu::noinline]] worker* hide(worker* w) {
  unit::hidden = ~reinterpret_cast<std::uintptr_t>(w);
  return w;
}
[[gnu::noinline]] worker* reveal() { return reinterpret_cast<worker*>(~unit::hidden); }

class Owned : public testing::Test {
 protected:
  void TearDown() override {
    unit::kept.reset();
    unit::kept_in_a_vector.clear();
  }
};

TEST_F(Owned, IsAmongTheIgnoredWithTheNameOfTheStatic) {
  unit::kept = std::make_unique<worker>();
  const report found = taskleak::find(at_once);
  EXPECT_THAT(found.stragglers, IsEmpty()) << to_text(found);
  ASSERT_THAT(found.ignored, SizeIs(1));
  EXPECT_EQ(found.ignored[0].id, static_cast<std::uint64_t>(unit::kept->tid()));
  EXPECT_EQ(found.ignored[0].reason, "owned by static unit::kept");
  EXPECT_EQ(found.ignored[0].owned_by, "unit::kept");
  EXPECT_TRUE(found.ignored[0].is_owned);
}

TEST_F(Owned, IsFoundBehindOtherObjects) {
  for (int i = 0; i < 3; ++i) unit::kept_in_a_vector.push_back(std::make_unique<worker>());
  const report found = taskleak::find(at_once);
  EXPECT_THAT(found.stragglers, IsEmpty()) << to_text(found);
  ASSERT_THAT(found.ignored, SizeIs(3));
  for (const taskleak::ignored_task& t : found.ignored) EXPECT_EQ(t.owned_by, "unit::kept_in_a_vector");
}

TEST_F(Owned, DoesNotHoldUpAGuard) {
  const taskleak::guard guard(taskleak::wait_up_to(std::chrono::hours(1)));
  unit::kept = std::make_unique<worker>();
}

TEST_F(Owned, IsNoFailureOfVerifyNone) {
  unit::kept = std::make_unique<worker>();
  EXPECT_TRUE(taskleak::verify_none(at_once));
}

TEST_F(Owned, IsLeftOutWithTheReasonThatIsGiven) {
  unit::kept = std::make_unique<worker>();
  const report found = taskleak::find(at_once | taskleak::ignore_held_by_static("meant to stay"));
  ASSERT_THAT(found.ignored, SizeIs(1));
  EXPECT_EQ(found.ignored[0].reason, "meant to stay");
  EXPECT_FALSE(found.ignored[0].is_owned);
}

TEST_F(Owned, IsNoThreadWhoseOwnerNobodyKnows) {
  hide(new worker);
  const report found = taskleak::find(at_once);
  EXPECT_THAT(found.stragglers, SizeIs(1)) << to_text(found);
  EXPECT_THAT(found.ignored, IsEmpty());
  delete reveal();
}

TEST_F(Owned, IsNoThreadWhoseOwnerIsOnAStack) {
  const worker on_the_stack;
  EXPECT_THAT(taskleak::find(at_once).stragglers, SizeIs(1));
}

TEST_F(Owned, IsNoDetachedThread) {
  static std::thread thread;
  tests::gate& leave = tests::eternal_gate();
  unit::told_tid tid;
  thread = std::thread([&] {
    tid.tell();
    leave.wait();
  });
  unit::until_parked_in(tid.get(), SYS_futex);
  EXPECT_THAT(taskleak::find(at_once).ignored, SizeIs(1));
  thread.detach();
  EXPECT_THAT(taskleak::find(at_once).stragglers, SizeIs(1));
  leave.open();
  unit::until_registry_is_empty();
}

/// The handle of each thread is in the thread's own descriptor, and in the records of taskleak.
TEST_F(Owned, IsNoThreadThatOnlyItselfKnows) {
  tests::gate& leave = tests::eternal_gate();
  unit::told_tid tid;
  pthread_t handle = [&] {
    std::pair<tests::gate*, unit::told_tid*> given{&leave, &tid};
    pthread_t made;
    const auto waits = [](void* p) -> void* {
      const auto [gate, id] = *static_cast<std::pair<tests::gate*, unit::told_tid*>*>(p);
      id->tell();
      gate->wait();
      return nullptr;
    };
    EXPECT_EQ(pthread_create(&made, nullptr, waits, &given), 0);
    unit::until_parked_in(tid.get(), SYS_futex);
    return made;
  }();
  EXPECT_THAT(taskleak::find(at_once).stragglers, SizeIs(1));
  leave.open();
  pthread_join(handle, nullptr);
}

TEST_F(Owned, IsAThreadOnAStackOfTheProgramsOwn) {
  static std::array<unsigned char, 256 * 1024> stack;
  static pthread_t handle;
  static tests::gate leave;
  static unit::told_tid tid;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstack(&attributes, stack.data(), stack.size());
  const auto waits = [](void*) -> void* {
    tid.tell();
    leave.wait();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&handle, &attributes, waits, nullptr), 0);
  pthread_attr_destroy(&attributes);
  unit::until_parked_in(tid.get(), SYS_futex);
  const pthread_t kept_here = handle;
  EXPECT_THAT(taskleak::find(at_once).ignored, SizeIs(1));
  handle = 0;  // what is left are the words in its own descriptor, in the middle of a static object
  EXPECT_THAT(taskleak::find(at_once).stragglers, SizeIs(1));
  leave.open();
  pthread_join(kept_here, nullptr);
}

/// Many blocks of many sizes, freed in part: a heap as programs have it.
TEST_F(Owned, IsFoundInALargeHeap) {
  std::vector<std::vector<unsigned char>> blocks;
  for (std::size_t i = 0; i < 50'000; ++i) blocks.emplace_back(16 + i * 7919 % 3000);
  unit::kept = std::make_unique<worker>();
  for (std::size_t i = 0; i < blocks.size(); i += 2) blocks[i] = {};
  EXPECT_THAT(taskleak::find(at_once).ignored, SizeIs(1));
  worker* const lost = unit::kept.release();
  EXPECT_THAT(taskleak::find(at_once).stragglers, SizeIs(1));
  delete lost;
}

}  // namespace
