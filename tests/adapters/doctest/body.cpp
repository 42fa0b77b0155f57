// SPDX-License-Identifier: MIT
/// \file A thread left by the body of a test case, once and in runs that subcases make.
#include "../parked.hpp"
#include <doctest/doctest.h>

TEST_SUITE("body") {
  TEST_CASE("leaves a thread") {
    parked::leave_thread();
    CHECK(true);
  }

  TEST_CASE("ends its thread") {
    parked::ended_thread thread;
    CHECK(true);
  }
}

TEST_CASE("silent, and in no suite") { parked::leave_thread(); }

TEST_CASE("subcases") {
  SUBCASE("clean before") { CHECK(true); }
  SUBCASE("leaves one") {
    parked::leave_thread("one");
    SUBCASE("nested") { CHECK(true); }
  }
  SUBCASE("leaves two") {
    parked::leave_thread("two-1");
    parked::leave_thread("two-2");
  }
  SUBCASE("clean after") { CHECK(true); }
}

TEST_CASE("clean runs") {
  parked::ended_thread thread;
  SUBCASE("one") { CHECK(true); }
  SUBCASE("two") { CHECK(true); }
}

TEST_CASE_TEMPLATE("template", Number, int, long) {
  if (sizeof(Number) == sizeof(int)) parked::leave_thread();
  CHECK(sizeof(Number) > 0);
}

namespace {

class leaky_fixture {
 protected:
  leaky_fixture() { parked::leave_thread(); }
};

class clean_fixture {
 private:
  parked::ended_thread ended_in_destructor_;
};

}  // namespace

TEST_CASE_FIXTURE(leaky_fixture, "leaky fixture") { CHECK(true); }

TEST_CASE_FIXTURE(clean_fixture, "clean fixture") { CHECK(true); }
