// SPDX-License-Identifier: MIT
/// \file A program that hangs in what doctest calls.
#include <taskleak/doctest_main.hpp>

#include "place.hpp"

namespace {

class listener final : public taskleak::detail::doctest_listener_base {
 public:
  explicit listener(const doctest::ContextOptions&) {}
  void test_run_start() override { hangs::in("test_run_start"); }
  void test_run_end(const doctest::TestRunStats&) override { hangs::in("test_run_end"); }
  void test_case_start(const doctest::TestCaseData&) override { hangs::in("test_case_start"); }
  void test_case_end(const doctest::CurrentTestCaseStats&) override { hangs::in("test_case_end"); }
};
REGISTER_LISTENER("hangs", 1, listener);

TEST_CASE("hangs in a subcase") {
  SUBCASE("one") { hangs::in("a subcase"); }
}

TEST_CASE("passes") {}

}  // namespace
