// SPDX-License-Identifier: MIT
/// \file One program for each framework: what the adapters have in common, written once. CONFORMANCE_FRAMEWORK is the header that
/// says how a test is written there.
#include CONFORMANCE_FRAMEWORK

#include <taskleak/guard.hpp>

#include "../parked.hpp"

#include <chrono>
#include <coroutine>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>

#include <poll.h>

namespace {

/// A coroutine that nobody owns; it goes on when its handle is resumed, or never.
struct detached {
  struct promise_type {
    detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() { std::terminate(); }
  };
};

/// Suspends the coroutine and gives its handle out.
struct parks {
  std::coroutine_handle<>& self;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) noexcept { self = handle; }
  void await_resume() const noexcept {}
};

detached pump(std::coroutine_handle<>& self) {
  co_await parks{self};  // suspended here
}

}  // namespace

namespace conformance {

void program_starts() {
  if (std::getenv("LEAKY_PROGRAM")) parked::leave_thread("program");
}

/// Called by frameworks that have fixtures of suites.
void suite_starts() { parked::leave_thread("suite"); }

}  // namespace conformance

CONFORMANCE_TEST(leaves_a_thread) {  // leaves a thread
  parked::leave_thread();
  CONFORMANCE_CHECK(true);
}

CONFORMANCE_TEST(waits_for_itself) {  // waits for itself
  std::mutex lock;
  lock.lock();
  CONFORMANCE_CHECK(true);
  lock.lock();
}

CONFORMANCE_TEST(lasts_too_long) {
  const taskleak::guard guard(taskleak::fail_after(std::chrono::milliseconds(200)));  // the limit
  CONFORMANCE_CHECK(true);
  poll(nullptr, 0, -1);
}

CONFORMANCE_TEST(ends_its_thread) {
  parked::ended_thread thread;
  CONFORMANCE_CHECK(true);
}

CONFORMANCE_TEST(leaves_a_coroutine) {
  std::coroutine_handle<> handle;
  pump(handle);
  CONFORMANCE_CHECK(handle);
}

CONFORMANCE_TEST(ends_its_coroutine) {
  std::coroutine_handle<> handle;
  pump(handle);
  CONFORMANCE_CHECK(handle);
  handle.resume();
}

CONFORMANCE_TEST(has_a_guard_on_another_thread) {
  std::thread([] {
    taskleak::guard guard;  // the guard
    parked::leave_thread();
  }).join();
  CONFORMANCE_CHECK(true);
}

CONFORMANCE_TEST(has_a_guard_that_passes) {
  taskleak::guard guard;
  parked::ended_thread thread;
}

CONFORMANCE_TEST(has_a_guard_on_another_thread_that_passes) {
  std::thread([] {
    taskleak::guard guard;
    parked::ended_thread thread;
  }).join();
  CONFORMANCE_CHECK(true);
}

CONFORMANCE_TEST(has_a_guard_and_throws) {
  taskleak::guard guard;  // fails on the way out
  parked::leave_thread();
  throw std::runtime_error("its own failure");
}

CONFORMANCE_TEST(has_nested_guards) {
  taskleak::guard outer;
  taskleak::guard inner;  // fails alone
  parked::leave_thread();
}

CONFORMANCE_TEST(dismisses_its_guard) {
  taskleak::guard guard;
  parked::leave_thread();
  guard.dismiss();
}

CONFORMANCE_TEST(checks_its_guards) {
  taskleak::guard clean;
  CONFORMANCE_CHECK(clean.check());
  taskleak::guard leaky;  // its check fails
  parked::leave_thread();
  CONFORMANCE_CHECK(!leaky.check());
}

CONFORMANCE_TEST(verifies_beside_a_thread) {
  parked::leave_thread();
  CONFORMANCE_CHECK(!taskleak::verify_none());  // the call
}

CONFORMANCE_TEST(verifies_when_its_thread_has_ended) {
  { parked::ended_thread thread; }
  CONFORMANCE_CHECK(taskleak::verify_none());
}

CONFORMANCE_TEST(has_a_guard_that_ignores) {
  taskleak::guard guard(taskleak::ignore_name("parked", "a helper"));
  parked::leave_thread();
  CONFORMANCE_CHECK(true);
}

CONFORMANCE_TEST(fails_and_leaves_a_thread) {
  parked::leave_thread();
  CONFORMANCE_CHECK(false);
}

CONFORMANCE_TEST(throws_and_leaves_a_thread) {
  parked::leave_thread();
  throw std::runtime_error("its own failure");
}

CONFORMANCE_TEST(fails) { CONFORMANCE_CHECK(false); }

CONFORMANCE_TEST(leaves_a_thread_of_a_pool) {
  parked::leave_thread("pool-1");
  CONFORMANCE_CHECK(true);
}

int main(int argc, char** argv) { return conformance::run(argc, argv, taskleak::ignore_name("pool-*", "the pool stays")); }
