// SPDX-License-Identifier: MIT
/// \file A test case that failed already: what it left is told as a message. The twins fail as well, and leave nothing.
#include "../parked.hpp"
#include <doctest/doctest.h>

#include <stdexcept>

TEST_SUITE("failed") {
  TEST_CASE("check and a thread") {
    parked::leave_thread();
    CHECK(false);
  }

  TEST_CASE("requirement and a thread") {
    parked::leave_thread();
    REQUIRE(false);
  }

  TEST_CASE("an exception and a thread") {
    parked::leave_thread();
    throw std::runtime_error("its own failure");
  }

  TEST_CASE("an exception in a subcase and a thread") {
    SUBCASE("outer") {
      SUBCASE("inner") {
        parked::leave_thread();
        throw std::runtime_error("its own failure");
      }
    }
    SUBCASE("other") { CHECK(true); }
  }
}

TEST_SUITE("failed clean") {
  TEST_CASE("check") {
    parked::ended_thread thread;
    CHECK(false);
  }

  TEST_CASE("an exception") {
    parked::ended_thread thread;
    throw std::runtime_error("its own failure");
  }
}

TEST_CASE("a run that fails beside one that leaves a thread") {
  SUBCASE("fails") { CHECK(false); }
  SUBCASE("leaves a thread") { parked::leave_thread(); }
}

TEST_SUITE("decorated") {
  TEST_CASE("may fail" * doctest::may_fail()) {
    parked::leave_thread();
    CHECK(true);
  }

  TEST_CASE("should fail" * doctest::should_fail()) {
    parked::leave_thread();
    CHECK(true);
  }

  TEST_CASE("fails as it should" * doctest::should_fail()) {
    parked::leave_thread();
    CHECK(false);
  }

  TEST_CASE("fails as often as it should" * doctest::expected_failures(1)) {
    parked::leave_thread();
    CHECK(false);
  }

  TEST_CASE("has one expected failure" * doctest::expected_failures(1)) { parked::leave_thread(); }

  TEST_CASE("warns only") {
    parked::leave_thread();
    WARN(false);
  }

  TEST_CASE("is skipped" * doctest::skip()) { parked::leave_thread(); }
}

TEST_CASE("should fail and leaves nothing" * doctest::should_fail()) {
  parked::ended_thread thread;
  CHECK(true);
}

TEST_SUITE("later") {
  TEST_CASE("1 leaves a thread for later") { parked::leave_thread(); }

  TEST_CASE("2 fails while it lives") { CHECK(false); }

  TEST_CASE("3 passes while it lives") { CHECK(true); }
}
