// SPDX-License-Identifier: MIT
/// \file A program with a main() and a doctest context of its own; MODE in the environment says under which rules it runs.
#include <taskleak/doctest.hpp>
#include <taskleak/guard.hpp>

#include "../parked.hpp"

#include <chrono>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace {

std::string_view mode() {
  const char* const value = std::getenv("MODE");
  return value ? value : "";
}

/// A listener of the user that does in and between test cases what MODE says.
struct users_listener : taskleak::detail::doctest_listener_base {
  explicit users_listener(const doctest::ContextOptions&) {}

  void test_run_start() override {
    if (mode() == "leaky_listener") parked::leave_thread();
    if (mode() == "leaky_guard_of_listener") {
      taskleak::guard guard;  // fails outside of any test case
      parked::leave_thread();
    }
  }

  void test_case_start(const doctest::TestCaseData&) override {
    if (mode() == "listener_with_a_thread") own_.emplace();
  }

  void test_case_end(const doctest::CurrentTestCaseStats&) override { own_.reset(); }

 private:
  std::optional<parked::ended_thread> own_;
};

REGISTER_LISTENER("user", 1, users_listener);

/// What the statics of a program start before main() is nobody's.
struct thread_of_a_static {
  thread_of_a_static() {
    if (mode() == "static_before_main") parked::leave_thread();
  }
} const static_object;

}  // namespace

TEST_CASE("starts no thread") { CHECK(true); }

TEST_CASE("leaves a thread of a pool") { parked::leave_thread("pool-1"); }

TEST_CASE("leaves a thread") { parked::leave_thread(); }

int main(int argc, char** argv) {
  using namespace std::chrono_literals;
  if (mode() == "arguments") return taskleak::verify_test_main(argc, argv);
  if (mode() == "arguments_one_rule") return taskleak::verify_test_main(argc, argv, taskleak::ignore_name("pool-*"));
  if (mode() == "arguments_two_options")
    return taskleak::verify_test_main(argc, argv, taskleak::ignore_name("pool-*"), taskleak::wait_up_to(10ms));

  doctest::Context context(argc, argv);
  if (mode() == "one_rule") return taskleak::verify_test_main(context, taskleak::ignore_name("pool-*"));
  if (mode() == "two_options")
    return taskleak::verify_test_main(context, taskleak::ignore_name("pool-*"), taskleak::wait_up_to(10ms));
  if (mode() == "missing_suppressions") return taskleak::verify_test_main(context, taskleak::suppressions("no_such_file"));
  if (mode() == "twice") {
    const int first = taskleak::verify_test_main(context);
    return first + 2 * taskleak::verify_test_main(context);
  }
  if (mode() == "without") return context.run();
  const int exit_code = taskleak::verify_test_main(context);
  return context.shouldExit() ? exit_code : exit_code + 10;
}
