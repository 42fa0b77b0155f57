// SPDX-License-Identifier: MIT
/// \file A program that hangs in what Catch2 calls.
#include <taskleak/catch2_main.hpp>

#include "place.hpp"

#include <string>

namespace {

class listener : public taskleak::detail::catch2_listener_base {
 public:
  using base = taskleak::detail::catch2_listener_base;
  using base::base;

  void testRunStarting(const Catch::TestRunInfo& info) override {
    base::testRunStarting(info);
    hangs::in("testRunStarting");
  }
  void testRunEnded(const Catch::TestRunStats& stats) override {
    hangs::in("testRunEnded");
    base::testRunEnded(stats);
  }
  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    hangs::in("testCaseEnded");
    base::testCaseEnded(stats);
  }
};

#if TASKLEAK_CATCH2_VERSION == 2
[[maybe_unused]] const Catch::ListenerRegistrar<listener> registered;
#else
[[maybe_unused]] const Catch::ListenerRegistrar<listener> registered("hangs");
#endif

TEST_CASE("hangs in a section") {
  const int round = GENERATE(1, 2);
  SECTION("one") {
    if (round == 2) hangs::in("a section");
  }
}

TEST_CASE("passes") {}

}  // namespace
