// SPDX-License-Identifier: MIT
/// \file What a check waits for, what its rules leave out, and that it reports a straggler once.
#include "parked_thread.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>

#include <latch>

namespace {

using namespace unit;
using taskleak::find;
using taskleak::guard;
using testing::ElementsAre;
using testing::SizeIs;

const taskleak::options practically_for_ever = taskleak::wait_up_to(std::chrono::hours(1));

std::vector<std::string> reasons(const taskleak::report& found) {
  std::vector<std::string> all;
  for (const taskleak::ignored_task& ignored : found.ignored) all.push_back(ignored.reason);
  return all;
}

// ---- waiting

TEST(Check, FindsNothingWithoutATask) {
  const taskleak::report found = find(practically_for_ever);
  EXPECT_TRUE(found.empty());
  EXPECT_TRUE(found.ignored.empty());
  EXPECT_TRUE(found.errors.empty());
}

/// Opens the gate once the thread with this id sits in the wait of a check.
std::thread opener(gate& opened, int checking_tid) {
  return std::thread([&opened, checking_tid] {
    until_parked_in(checking_tid, SYS_futex);
    opened.open();
  });
}

TEST(Check, WaitsForADetachedThreadToEnd) {
  gate& leave = eternal_gate();
  std::thread opens = opener(leave, own_tid());
  {
    guard waiting(practically_for_ever);
    std::thread([&leave] { leave.wait(); }).detach();
    EXPECT_TRUE(waiting.check());
  }
  opens.join();
}

TEST(Check, WaitsForAThreadThatAnotherOneJoins) {
  gate leave;
  std::thread worker;
  guard waiting(practically_for_ever);
  worker = std::thread([&] { leave.wait(); });
  std::thread joiner([&, tid = own_tid()] {
    until_parked_in(tid, SYS_futex);
    leave.open();
    worker.join();
  });
  joiner.detach();
  EXPECT_TRUE(waiting.check());
}

TEST(Check, FindsAThreadAtOnceWhenItIsToldNotToWait) {
  held_thread thread("held");
  parked_thread(thread.tid());
  const taskleak::report found = find(at_once);
  ASSERT_THAT(found.stragglers, SizeIs(1));
  EXPECT_EQ(found.stragglers[0].id, static_cast<std::uint64_t>(thread.tid()));
  EXPECT_EQ(found.stragglers[0].kind, taskleak::task_kind::thread);
}

TEST(Check, ListsTheOldestStragglerFirst) {
  held_thread first("first");
  first.tid();
  held_thread second("second");
  second.tid();
  held_thread third("third");
  parked_thread(third.tid());
  std::vector<std::string> names;
  for (const taskleak::straggler& s : find(at_once).stragglers) names.push_back(s.name);
  EXPECT_THAT(names, ElementsAre("first", "second", "third"));
}

// ---- rules

class Rules : public testing::Test {
 protected:
  Rules() { parked_thread(thread.tid()); }
  void expect_ignored(const taskleak::options& rule) {
    const taskleak::report found = find(rule | at_once);
    EXPECT_TRUE(found.empty()) << to_text(found);
    EXPECT_THAT(reasons(found), ElementsAre("the reason"));
    ASSERT_FALSE(found.ignored.empty());
    EXPECT_EQ(found.ignored[0].name, "held");
    EXPECT_EQ(found.ignored[0].id, static_cast<std::uint64_t>(thread.tid()));
  }
  void expect_found(const taskleak::options& rule) {
    const taskleak::report found = find(rule | at_once);
    EXPECT_THAT(found.stragglers, SizeIs(1)) << to_text(found);
    EXPECT_TRUE(found.ignored.empty());
  }
  held_thread thread{"held"};
};

TEST_F(Rules, IgnoreByTopFunction) {
  expect_ignored(taskleak::ignore_top_function("tests::gate::wait", "the reason"));
  expect_found(taskleak::ignore_top_function("*held_thread*", "the reason"));
}

TEST_F(Rules, IgnoreByAnyFunction) {
  expect_ignored(taskleak::ignore_any_function("unit::held_thread::held_thread(char const*)::*", "the reason"));
  expect_ignored(taskleak::ignore_any_function("*taskleak_thread_start*", "the reason"));
  expect_found(taskleak::ignore_any_function("unit::held_thread", "the reason"));
}

TEST_F(Rules, IgnoreByCreator) {
  expect_ignored(taskleak::ignore_created_by("unit::held_thread::held_thread", "the reason"));
  expect_ignored(taskleak::ignore_created_by("main thread", "the reason"));
  expect_found(taskleak::ignore_created_by("thread *", "the reason"));
}

TEST_F(Rules, IgnoreByName) {
  expect_ignored(taskleak::ignore_name("he?d", "the reason"));
  expect_found(taskleak::ignore_name("hel", "the reason"));
}

TEST_F(Rules, IgnoreByState) {
  expect_ignored(taskleak::ignore_state(taskleak::state::condition_wait, "the reason"));
  expect_ignored(taskleak::ignore_state("condition *", "the reason"));
  expect_found(taskleak::ignore_state(taskleak::state::mutex_lock, "the reason"));
}

TEST_F(Rules, IgnoreByPredicateWhichSeesTheWholeTask) {
  const auto tid = static_cast<std::uint64_t>(thread.tid());
  taskleak::task seen{};
  std::string name, scope, state_text, top;
  expect_ignored(taskleak::ignore_task(
      [&](const taskleak::task& t) {
        seen = t;
        name = t.name;
        scope = t.scope;
        state_text = t.state_text;
        top = t.function_count > 0 ? t.functions[0] : "";
        return t.id == tid;
      },
      "the reason"));
  EXPECT_EQ(seen.kind, taskleak::task_kind::thread);
  EXPECT_EQ(seen.state, taskleak::state::condition_wait);
  EXPECT_GE(seen.parked_for_ns, 0);
  EXPECT_EQ(name, "held");
  EXPECT_EQ(scope, this_test());
  EXPECT_EQ(state_text, "condition wait");
  EXPECT_EQ(top.substr(0, 17), "tests::gate::wait");
  EXPECT_GT(seen.creator_count, 0u);
  expect_found(taskleak::ignore_task([](const taskleak::task&) { return false; }));
}

TEST_F(Rules, ShowThemselvesWhereNoReasonWasGiven) {
  EXPECT_THAT(reasons(find({taskleak::ignore_name("held"), at_once})), ElementsAre("ignore_name(\"held\")"));
}

TEST_F(Rules, APredicateThatThrowsIgnoresNothingAndIsAnError) {
  const taskleak::report found =
      find({taskleak::ignore_task([](const taskleak::task&) -> bool { throw std::runtime_error("broken"); }), at_once});
  EXPECT_THAT(found.stragglers, SizeIs(1));
  EXPECT_THAT(found.errors, ElementsAre(testing::HasSubstr("broken")));
}

TEST_F(Rules, IgnoreCurrentLeavesOutWhatIsThereAndNotWhatComes) {
  const taskleak::options current = taskleak::ignore_current();
  EXPECT_TRUE(find(current | at_once).empty());
  held_thread later("later");
  parked_thread(later.tid());
  const taskleak::report found = find(current | at_once);
  ASSERT_THAT(found.stragglers, SizeIs(1));
  EXPECT_EQ(found.stragglers[0].name, "later");
}

TEST_F(Rules, IgnoreCurrentTakesASnapshotMadeEarlier) {
  const taskleak::snapshot earlier;
  held_thread later("later");
  parked_thread(later.tid());
  const taskleak::report found = find({taskleak::ignore_current(earlier), at_once});
  ASSERT_THAT(found.stragglers, SizeIs(1));
  EXPECT_EQ(found.stragglers[0].name, "later");
}

TEST(Snapshot, LooksAtNoTask) {
  held_thread thread;
  thread.tid();
  // a snapshot that looked at the registry would wait here for ever
  taskleak::detail::the_registry.lock_all();
  const taskleak::snapshot one;
  const taskleak::snapshot two;
  taskleak::detail::the_registry.unlock_all();
  EXPECT_LT(one.watermark(), two.watermark());
}

// ---- once

TEST(Check, ReportsAStragglerOnceAndFindShowsItStill) {
  gate leave;
  std::thread thread;
  EXPECT_NONFATAL_FAILURE(
      {
        guard first(at_once);
        thread = std::thread([&] { leave.wait(); });
      },
      "left 1 thread behind");
  EXPECT_TRUE(taskleak::verify_none(at_once));
  EXPECT_THAT(find(at_once).stragglers, SizeIs(1));
  leave.open();
  thread.join();
}

TEST(Check, DoesNotReportToTheGuardAroundItWhatAGuardsRuleIgnored) {
  held_thread* stays = nullptr;
  guard around(at_once);
  {
    guard ignoring(taskleak::ignore_name("stays", "by design"), at_once);
    stays = new held_thread("stays");
    parked_thread(stays->tid());
    EXPECT_TRUE(ignoring.check());
  }
  EXPECT_TRUE(around.check());
  EXPECT_TRUE(taskleak::verify_none(at_once));
  delete stays;
}

TEST(Check, VerifyNoneFailsAtItsCall) {
  held_thread thread("new one");
  parked_thread(thread.tid());
  EXPECT_NONFATAL_FAILURE(EXPECT_FALSE(taskleak::verify_none(at_once)),
                          "thread " + std::to_string(thread.tid()) + " \"new one\"");
}

}  // namespace
