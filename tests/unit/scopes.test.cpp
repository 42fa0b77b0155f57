// SPDX-License-Identifier: MIT
/// \file How long a scope lives: as long as somebody may name it, and not for ever.
#include <taskleak/detail/inspect/scope_name.hpp>
#include <taskleak/detail/probe/thread/live_thread.hpp>
#include <taskleak/detail/run/scopes.hpp>

#include "parked_thread.hpp"
#include <gmock/gmock.h>

#include <memory>

namespace {

using namespace unit;
using taskleak::guard;
using testing::HasSubstr;
using testing::StartsWith;

/// More than may be there without a sweep, whatever other tests left.
void open_and_end_many() {
  for (int i = 0; i < 10'000; ++i) {
    guard one;
    one.dismiss();
  }
}

std::size_t ended_scopes() { return taskleak::detail::the_ended_scopes.size(); }

TEST(Scopes, AreFreedWhenNoTaskNamesThem) {
  open_and_end_many();
  EXPECT_LT(ended_scopes(), 200u);
}

TEST(Scopes, AreFreedOnceTheTasksThatNameThemHaveEnded) {
  {
    guard around;
    held_thread thread;
    open_and_end_many();
    EXPECT_LT(ended_scopes(), 200u) << "the thread is older than all of them";
    around.dismiss();
  }
  std::unique_ptr<held_thread> thread;
  for (int i = 0; i < 1'000; ++i) {
    guard one;
    thread = std::make_unique<held_thread>();  // the one before ends
    one.dismiss();
  }
  EXPECT_GT(ended_scopes(), 200u) << "a younger thread might name each of them";
  thread.reset();
  open_and_end_many();
  EXPECT_LT(ended_scopes(), 2'100u);
}

TEST(Scopes, LiveAsLongAsATaskNamesThem) {
  std::unique_ptr<held_thread> thread;
  {
    guard left;
    thread = std::make_unique<held_thread>();
    left.dismiss();
  }
  open_and_end_many();
  EXPECT_THAT(parked_thread(thread->tid()).scope, HasSubstr("the guard at "));
}

TEST(Scopes, LiveAsLongAsACheckThatCopiedTheirNames) {
  const auto reading = std::make_unique<taskleak::detail::reading_scopes>();
  taskleak::detail::light_vector<taskleak::detail::live_thread> copies;
  {
    guard clean;
    held_thread thread;
    thread.tid();
    copies = taskleak::detail::copy_threads_younger_than(0, [](const taskleak::detail::thread_record&) { return true; });
  }
  open_and_end_many();
  EXPECT_GE(ended_scopes(), 10'000u);
  ASSERT_EQ(copies.size(), 1u);
  EXPECT_THAT(taskleak::detail::name_of_scope(copies[0].charged_to), StartsWith("the guard at "));
}

TEST(Scopes, ThatEndOutOfOrderChargeNothingFromThenOn) {
  auto outer = std::make_unique<guard>();
  auto inner = std::make_unique<guard>();
  outer.reset();
  inner.reset();
  held_thread thread;
  EXPECT_EQ(parked_thread(thread.tid()).scope, this_test());
  open_and_end_many();
  EXPECT_LT(ended_scopes(), 200u);
}

TEST(Scopes, ThatEndOnAnotherThreadStayForTheOneThatOpenedThem) {
  auto here = std::make_unique<guard>();
  std::thread([&] {
    here.reset();
    open_and_end_many();
  }).join();
  held_thread thread;
  EXPECT_THAT(parked_thread(thread.tid()).scope, StartsWith("the guard at "));
}

}  // namespace
