// SPDX-License-Identifier: MIT
/// \file A dump describes one of many coroutines that are alike, and counts the others.
#include <taskleak/guard.hpp>
#include <taskleak/report.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

struct task {
  struct promise_type {
    task get_return_object() { return task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
    std::coroutine_handle<> awaited_by;
  };
  explicit task(std::coroutine_handle<promise_type> h) : handle(h) {}
  task(task&& other) noexcept : handle(std::exchange(other.handle, nullptr)) {}
  ~task() {
    if (handle) handle.destroy();
  }

  bool await_ready() { return false; }
  auto await_suspend(std::coroutine_handle<> who) {
    handle.promise().awaited_by = who;
    return handle;
  }
  void await_resume() {}

  std::coroutine_handle<promise_type> handle;
};

task wait_here() { co_await std::suspend_always(); }
task wait_there() { co_await std::suspend_always(); }
task wait_twice() {
  co_await std::suspend_always();
  co_await std::suspend_always();
}
task wait_for_another() { co_await wait_here(); }
task wait_for_a_third() { co_await wait_here(); }

/// All from one place.
std::vector<task> started(std::size_t count, task (*make)()) {
  std::vector<task> all;
  for (std::size_t i = 0; i < count; ++i) {
    all.push_back(make());
    all.back().handle.resume();
  }
  return all;
}

std::string dump() {
  std::ostringstream text;
  taskleak::dump(text);
  return text.str();
}

std::size_t blocks_in(const std::string& text) {
  std::size_t blocks = 0;
  for (std::size_t at = text.find("coroutine "); at != std::string::npos; at = text.find("\ncoroutine ", at + 1)) ++blocks;
  return blocks;
}

TEST(DumpCoroutines, ThoseThatAreAlikeAreDescribedOnce) {
  const auto all = started(20, &wait_here);
  const std::string text = dump();
  EXPECT_EQ(blocks_in(text), 1u) << text;
  EXPECT_THAT(text, HasSubstr("20 coroutines like this one: "));
  EXPECT_THAT(text, HasSubstr(", ...\n"));
}

TEST(DumpCoroutines, ThoseWithAnIdOfTheirOwnAreAllListedWhenTheyAreFew) {
  const auto all = started(3, &wait_here);
  const auto ids = [](const std::string& text) {
    const std::size_t start = text.find("like this one: ");
    return start == std::string::npos ? text : text.substr(start, text.find('\n', start) - start);
  };
  const std::string listed = ids(dump());
  EXPECT_THAT(listed, testing::MatchesRegex("like this one: [0-9]+, [0-9]+, [0-9]+"));
}

TEST(DumpCoroutines, OthersHaveABlockOfTheirOwn) {
  const auto some = started(5, &wait_here);
  const auto others = started(1, &wait_there);
  const std::string text = dump();
  EXPECT_EQ(blocks_in(text), 2u) << text;
  EXPECT_THAT(text, HasSubstr("5 coroutines like this one: "));
  EXPECT_THAT(text, HasSubstr("wait_there()"));
}

TEST(DumpCoroutines, OneFunctionAtTwoPlacesIsTwoBlocks) {
  const auto some = started(4, &wait_twice);
  some[1].handle.resume();
  some[3].handle.resume();
  const std::string text = dump();
  EXPECT_EQ(blocks_in(text), 2u) << text;
  EXPECT_THAT(text, HasSubstr("2 coroutines like this one: "));
}

TEST(DumpCoroutines, ThoseAwaitedByDifferentOnesAreNotAlike) {
  const auto some = started(2, &wait_for_another);
  const auto others = started(2, &wait_for_a_third);
  const std::string text = dump();
  EXPECT_EQ(blocks_in(text), 4u) << text;
  EXPECT_THAT(text, HasSubstr(" <- "));
  EXPECT_THAT(text, Not(HasSubstr("4 coroutines like this one")));
}

TEST(DumpCoroutines, OneThatHasFinishedIsNotLikeOneThatHasNot) {
  const auto some = started(2, &wait_here);
  some[1].handle.resume();
  const std::string text = dump();
  EXPECT_EQ(blocks_in(text), 2u) << text;
  EXPECT_THAT(text, HasSubstr("[finished never destroyed, "));
}

// ---- who awaits whom

/// What a promise may hold of another coroutine: a continuation, or what was in its memory before.
struct pointing {
  struct promise_type {
    pointing get_return_object() { return pointing(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
    void* points_to = nullptr;
  };
  explicit pointing(std::coroutine_handle<promise_type> h) : handle(h) {}
  pointing(pointing&& other) noexcept : handle(std::exchange(other.handle, nullptr)) {}
  ~pointing() {
    if (handle) handle.destroy();
  }
  std::coroutine_handle<promise_type> handle;
};
pointing points() { co_await std::suspend_always(); }

/// Has as many words as an awaiter with a counter, and knows nobody.
struct counter {
  std::size_t left = 2;
  bool await_ready() { return false; }
  void await_suspend(std::coroutine_handle<>) {}
  void await_resume() {}
};
task counts() { co_await counter(); }

/// The first that waits for it is in it.
struct event {
  std::coroutine_handle<> waiting;
  bool await_ready() { return false; }
  void await_suspend(std::coroutine_handle<> who) {
    if (!waiting) waiting = who;
  }
  void await_resume() {}
};
task waits_for(event& e) { co_await e; }

pointing started_and_pointing_to(const task& parent) {
  pointing made = points();
  made.handle.resume();
  made.handle.promise().points_to = parent.handle.address();
  return made;
}

TEST(DumpCoroutines, PromisesThatPointToOneSayWhoAwaitsThem) {
  const auto parent = started(1, &counts);
  const pointing first = started_and_pointing_to(parent[0]);
  const pointing second = started_and_pointing_to(parent[0]);
  const std::string text = dump();
  EXPECT_THAT(text, ContainsRegex("await chain: [^\n]*points\\(\\) "));
  EXPECT_THAT(text, ContainsRegex(" <- [^\n]*counts\\(\\) "));
  EXPECT_THAT(text, HasSubstr("2 coroutines like this one")) << "each is awaited";
}

TEST(DumpCoroutines, WhatIsLeftInAPromiseOfOneThatAwaitsAnotherIsNoChain) {
  const auto parent = started(1, &wait_for_another);
  const pointing other = started_and_pointing_to(parent[0]);
  const std::string text = dump();
  EXPECT_THAT(text, ContainsRegex("await chain: [^\n]*wait_here\\(\\) "));
  EXPECT_THAT(text, Not(ContainsRegex("await chain: [^\n]*points\\(\\) ")));
}

TEST(DumpCoroutines, ThoseThatAwaitOneEventDoNotAwaitOneAnother) {
  event e;
  std::vector<task> all;
  for (int i = 0; i < 3; ++i) {
    all.push_back(waits_for(e));
    all.back().handle.resume();
  }
  const std::string text = dump();
  EXPECT_THAT(text, HasSubstr("3 coroutines like this one"));
  EXPECT_THAT(text, Not(HasSubstr("await chain")));
}

// ---- what they await

struct channel {
  int waiting = 0;
  struct receive_awaiter {
    channel* from;
    std::coroutine_handle<> who{};
    bool await_ready() { return false; }
    void await_suspend(std::coroutine_handle<> h) { who = h; }
    void await_resume() {}
  };
  receive_awaiter receive() { return {this}; }
};
task receives(channel& c) { co_await c.receive(); }

std::string address_of(const void* object) {
  std::ostringstream text;
  text << object;
  return text.str();
}

TEST(DumpCoroutines, ThoseAtOneChannelAreFoldedAndShowIt) {
  channel one, other;
  std::vector<task> all;
  for (channel* c : {&one, &one, &other, &one}) {
    all.push_back(receives(*c));
    all.back().handle.resume();
  }
  const std::string text = dump();
  EXPECT_EQ(blocks_in(text), 2u) << text;
  EXPECT_THAT(text,
              ContainsRegex("3 coroutines like this one: [0-9, ]+\n    awaits [^\n]*receive_awaiter " + address_of(&one) + "\n"));
  EXPECT_THAT(text, ContainsRegex("ms\\]\n    awaits [^\n]*receive_awaiter " + address_of(&other) + "\n"));
}

TEST(DumpCoroutines, OneThatAwaitsAnObjectByItsNameShowsItsAddress) {
  event one, other;
  std::vector<task> all;
  for (event* e : {&one, &other}) {
    all.push_back(waits_for(*e));
    all.back().handle.resume();
  }
  const std::string text = dump();
  EXPECT_THAT(text, Not(HasSubstr("like this one")));
  for (const event* e : {&one, &other}) EXPECT_THAT(text, HasSubstr("event " + address_of(e) + "\n"));
}

TEST(DumpCoroutines, ManyWithAnObjectOfTheirOwnAreOneBlockThatSaysSo) {
  std::vector<channel> channels(40);
  std::vector<task> all;
  for (std::size_t i = 0; i < 60; ++i) {
    all.push_back(receives(channels[i % channels.size()]));
    all.back().handle.resume();
    if (i == 39) {
      EXPECT_THAT(dump(), HasSubstr("    40 coroutines like this one, each awaiting an object of its own: "));
    }
  }
  EXPECT_THAT(dump(), HasSubstr("    60 coroutines like this one, awaiting 40 different objects: "));
}

TEST(DumpCoroutines, ThoseThatEachAwaitAnotherCoroutineSaySo) {
  const auto some = started(3, &wait_for_another);
  EXPECT_THAT(dump(), HasSubstr("    3 coroutines like this one, each awaiting a coroutine of its own: "));
}

TEST(DumpCoroutines, ANumberInAnAwaiterIsNoObject) {
  struct sleep {
    std::size_t until = 0x123456789abcd0;
    bool await_ready() { return false; }
    void await_suspend(std::coroutine_handle<>) {}
    void await_resume() {}
  };
  const task sleeper = []() -> task { co_await sleep(); }();
  sleeper.handle.resume();
  EXPECT_THAT(dump(), ContainsRegex("awaits [^\n]*sleep\n"));
}

TEST(FindCoroutines, DescribesEachOfThoseThatAreAlike) {
  const auto all = started(20, &wait_here);
  const taskleak::report found = taskleak::find(taskleak::wait_up_to(std::chrono::seconds(0)));
  EXPECT_EQ(found.stragglers.size(), 20u);
  for (const taskleak::straggler& s : found.stragglers) EXPECT_TRUE(s.alike.ids.empty());
}

TEST(FindCoroutines, NamesEachThatARuleLeavesOut) {
  const auto all = started(20, &wait_here);
  const taskleak::report found =
      taskleak::find({taskleak::wait_up_to(std::chrono::seconds(0)), taskleak::ignore_name("*wait_here*", "known")});
  EXPECT_TRUE(found.stragglers.empty());
  ASSERT_EQ(found.ignored.size(), 20u);
  for (const taskleak::ignored_task& ignored : found.ignored) EXPECT_EQ(ignored.count, 1u);
}

}  // namespace
