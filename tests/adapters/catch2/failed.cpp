// SPDX-License-Identifier: MIT
/// \file A test case that failed already: what it left is told as a warning. The twins fail as well, and leave nothing.
#include "../parked.hpp"
#include <catch2/catch.hpp>

#include <stdexcept>

TEST_CASE("failed check and a thread", "[failed]") {
  parked::leave_thread();
  CHECK(false);
}

TEST_CASE("failed requirement and a thread", "[failed]") {
  parked::leave_thread();
  REQUIRE(false);
}

TEST_CASE("an exception and a thread", "[failed]") {
  parked::leave_thread();
  throw std::runtime_error("its own failure");
}

TEST_CASE("an exception in a section and a thread", "[failed]") {
  SECTION("outer") {
    SECTION("inner") {
      parked::leave_thread();
      throw std::runtime_error("its own failure");
    }
  }
}

TEST_CASE("failed check and no thread", "[failed-clean]") {
  parked::ended_thread thread;
  CHECK(false);
}

TEST_CASE("an exception and no thread", "[failed-clean]") {
  parked::ended_thread thread;
  throw std::runtime_error("its own failure");
}

TEST_CASE("a run that fails beside one that leaves a thread", "[failed-run]") {
  SECTION("fails") { CHECK(false); }
  SECTION("leaves a thread") { parked::leave_thread(); }
}

TEST_CASE("may fail and leaves a thread", "[may-fail][!mayfail]") {
  parked::leave_thread();
  CHECK(true);
}

TEST_CASE("should fail and leaves a thread", "[should-fail][!shouldfail]") {
  parked::leave_thread();
  CHECK(true);
}

TEST_CASE("fails as it should and leaves a thread", "[fails-as-it-should][!shouldfail]") {
  parked::leave_thread();
  CHECK(false);
}

TEST_CASE("should fail and leaves nothing", "[should-fail-clean][!shouldfail]") {
  parked::ended_thread thread;
  CHECK(true);
}
