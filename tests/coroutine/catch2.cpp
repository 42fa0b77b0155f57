// SPDX-License-Identifier: MIT
/// \file What the reports of Catch2 say of coroutines.
#include "kinds.hpp"
#include <catch2/catch.hpp>

#include <vector>

namespace {

kinds::gate never;

kinds::task<> waits() {
  co_await never;  // waits here
}

std::vector<kinds::task<>>& kept = *new std::vector<kinds::task<>>;

TEST_CASE("leaves a coroutine") {
  kept.push_back(waits());
  kept.back().start();
  CHECK(!kept.back().done());
}

TEST_CASE("destroys its coroutine") {
  const auto t = waits();
  t.start();
  CHECK(!t.done());
}

TEST_CASE("sections") {
  SECTION("leaves one that was never started") { kept.push_back(waits()); }
  SECTION("leaves none") { CHECK(true); }
}

}  // namespace
