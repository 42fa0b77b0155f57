// SPDX-License-Identifier: MIT
/// \file A thread left by the body of a test case, once and in runs that sections and generators make.
#include "../parked.hpp"
#include <catch2/catch.hpp>

TEST_CASE("leaves a thread", "[body]") {
  parked::leave_thread();
  CHECK(true);
}

TEST_CASE("ends its thread", "[body]") {
  parked::ended_thread thread;
  CHECK(true);
}

TEST_CASE("leaves a thread without an assertion", "[silent]") { parked::leave_thread(); }

TEST_CASE("has a name so long that neither the first line of its report nor the one on the creator fits", "[long]") {
  parked::leave_thread();
}

TEST_CASE("sections", "[runs]") {
  SECTION("clean before") { CHECK(true); }
  SECTION("leaves one") {
    parked::leave_thread("one");
    SECTION("nested") { CHECK(true); }
  }
  SECTION("leaves two") {
    parked::leave_thread("two-1");
    parked::leave_thread("two-2");
  }
  SECTION("clean after") { CHECK(true); }
}

TEST_CASE("generators", "[runs]") {
  const int number = GENERATE(1, 2, 3);
  if (number == 2) parked::leave_thread("generated");
  CHECK(number < 4);
}

TEST_CASE("clean runs", "[clean]") {
  const int number = GENERATE(1, 2);
  parked::ended_thread thread;
  SECTION("one") { CHECK(number < 3); }
  SECTION("two") { CHECK(number < 3); }
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

TEST_CASE_METHOD(leaky_fixture, "leaky fixture", "[fixture]") { CHECK(true); }

TEST_CASE_METHOD(clean_fixture, "clean fixture", "[fixture]") { CHECK(true); }
