// SPDX-License-Identifier: MIT
/// \file Guards in test cases, on the test's thread and on others.
#include <taskleak/guard.hpp>

#include "../parked.hpp"
#include <doctest/doctest.h>

#include <thread>

TEST_CASE("guard fails at its line") {
  taskleak::guard guard;  // fails
  parked::leave_thread();
}

TEST_CASE("guard passes") {
  taskleak::guard guard;
  parked::ended_thread thread;
}

TEST_CASE("guard fails in an exception") {
  taskleak::guard guard;  // fails on the way out
  parked::leave_thread();
  throw 1;
}

TEST_CASE("guards nest") {
  taskleak::guard outer;
  taskleak::guard inner;  // fails alone
  parked::leave_thread();
}

TEST_CASE("guard on another thread fails") {
  std::thread([] {
    taskleak::guard guard;  // fails on another thread
    parked::leave_thread();
  }).join();
  CHECK(true);
}

TEST_CASE("guard on another thread passes") {
  std::thread([] {
    taskleak::guard guard;
    parked::ended_thread thread;
  }).join();
  CHECK(true);
}

TEST_CASE("guard is dismissed") {
  taskleak::guard guard;
  parked::leave_thread();
  guard.dismiss();
}

TEST_CASE("guard checks") {
  taskleak::guard clean;
  CHECK(clean.check());
  taskleak::guard leaky;
  parked::leave_thread();
  CHECK_FALSE(leaky.check());  // the one failure is the guard's
}

TEST_CASE("verify_none fails") {
  parked::leave_thread();
  CHECK_FALSE(taskleak::verify_none());  // the call
}

TEST_CASE("verify_none passes") {
  { parked::ended_thread thread; }
  CHECK(taskleak::verify_none());
}
