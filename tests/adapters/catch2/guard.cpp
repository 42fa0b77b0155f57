// SPDX-License-Identifier: MIT
/// \file Guards in test cases, on the test's thread and on others.
#include <taskleak/guard.hpp>

#include "../parked.hpp"
#include <catch2/catch.hpp>

#include <thread>

TEST_CASE("guard fails at its line", "[guard]") {
  taskleak::guard guard;  // fails
  parked::leave_thread();
}

TEST_CASE("guard passes", "[guard-clean]") {
  taskleak::guard guard;
  parked::ended_thread thread;
}

TEST_CASE("guard fails in an exception", "[guard-exception]") {
  taskleak::guard guard;  // fails on the way out
  parked::leave_thread();
  throw 1;
}

TEST_CASE("guards nest", "[guard-nested]") {
  taskleak::guard outer;
  taskleak::guard inner;  // fails alone
  parked::leave_thread();
}

TEST_CASE("guard on another thread fails", "[guard-thread]") {
  std::thread([] {
    taskleak::guard guard;  // fails on another thread
    parked::leave_thread();
  }).join();
  CHECK(true);
}

TEST_CASE("guard on another thread passes", "[guard-thread-clean]") {
  std::thread([] {
    taskleak::guard guard;
    parked::ended_thread thread;
  }).join();
  CHECK(true);
}

TEST_CASE("guard is dismissed", "[guard-dismissed]") {
  taskleak::guard guard;
  parked::leave_thread();
  guard.dismiss();
}

TEST_CASE("guard checks", "[guard-check]") {
  taskleak::guard clean;
  CHECK(clean.check());
  taskleak::guard leaky;
  parked::leave_thread();
  CHECK_FALSE(leaky.check());  // the one failure is the guard's
}

TEST_CASE("verify_none fails", "[verify]") {
  parked::leave_thread();
  CHECK_FALSE(taskleak::verify_none());  // the call
}

TEST_CASE("verify_none passes", "[verify-clean]") {
  { parked::ended_thread thread; }
  CHECK(taskleak::verify_none());
}
