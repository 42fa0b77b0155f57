// SPDX-License-Identifier: MIT
/// \file What stacks say of coroutines that have handed their thread on to another coroutine. Compiled without optimisation,
/// where GCC leaves such coroutines on the stack.
#include "../gate.hpp"
#include "kinds.hpp"
#include <gtest/gtest.h>

#include <thread>

namespace {

tests::gate& never_opened() {
  static tests::gate& only = tests::eternal_gate();
  return only;
}

/// Returns when the thread that it leaves is at the gate.
void leave_thread() {
  tests::gate& begun = tests::eternal_gate();
  std::thread([&begun] {
    begun.open();
    never_opened().wait();
  }).detach();
  begun.wait();
}

}  // namespace

// Not in a namespace without a name: their functions are in the reports.

kinds::task<> innermost(bool leaves) {
  if (leaves) leave_thread();  // innermost leaves a thread
  co_return;
}

kinds::task<> between(bool leaves) {
  int before = 0;
  ++before;
  co_await innermost(leaves);  // between awaits
}

kinds::task<> outermost() {
  co_await between(false);  // outermost awaits first
  co_await between(true);   // outermost awaits second
}

TEST(Transfer, ShowsTheLineOfEachAwait) { outermost().start(); }

kinds::task<> descends(int depth) {
  if (depth % 2 == 0)
    co_await descends(depth - 1);  // descends from even
  else if (depth > 1)
    co_await descends(depth - 1);  // descends from odd
  else
    leave_thread();
}

TEST(Transfer, ShowsTheLineOfEachActivationOfOneCoroutine) { descends(4).start(); }

kinds::task<> parks(bool now) {
  if (now) never_opened().wait();
  co_return;
}

kinds::task<> parks_below() {
  co_await parks(false);  // parks_below awaits first
  co_await parks(true);   // parks_below awaits second
}

TEST(Transfer, ShowsTheLinesOnTheStackOfAParkedThread) {
  tests::gate& begun = tests::eternal_gate();
  std::thread([&begun] {
    begun.open();
    parks_below().start();
  }).detach();
  begun.wait();
}

/// Keeps the coroutine that it is given; LeakSanitizer can reach it.
kinds::task<>& keep(kinds::task<>&& made) {
  static auto& kept = *new std::vector<kinds::task<>*>;
  return *kept.emplace_back(new kinds::task<>(std::move(made)));
}

kinds::task<> makes_a_coroutine() {
  keep(innermost(false));
  co_return;
}

kinds::task<> makes_one_below() {
  co_await innermost(false);
  co_await makes_a_coroutine();  // makes_one_below awaits
}

TEST(Transfer, ShowsTheLinesWhereACoroutineWasCreated) { makes_one_below().start(); }

/// A transfer that no co_await makes: the first suspension is one.
struct hands_on_first {
  struct promise_type {
    struct first {
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<>) const noexcept { return to; }
      void await_resume() const noexcept {}
      std::coroutine_handle<> to;
    };
    explicit promise_type(kinds::task<>& next) : to(next.handle) {}
    hands_on_first get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    first initial_suspend() const noexcept { return {to}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
    std::coroutine_handle<> to;
  };
  std::coroutine_handle<promise_type> handle;
};

hands_on_first hands_on(kinds::task<>&) { co_await std::suspend_always(); }

TEST(Transfer, WithoutAnAwaitShowsNoLine) {
  kinds::task<> next = innermost(true);
  hands_on(next).handle.destroy();
}
