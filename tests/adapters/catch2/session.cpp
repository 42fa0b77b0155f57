// SPDX-License-Identifier: MIT
/// \file A program with a main() and a Catch2 session of its own; MODE in the environment says under which rules it runs.
#include <taskleak/catch2.hpp>
#include <taskleak/guard.hpp>

#include "../parked.hpp"

#include <chrono>
#include <cstdlib>
#include <latch>
#include <optional>
#include <string_view>
#include <thread>

namespace {

/// Whether a listener of the user leaves a thread between test cases, or a guard of it fails there.
std::string_view mode() {
  const char* const value = std::getenv("MODE");
  return value ? value : "";
}

class users_listener : public Catch::TestEventListenerBase {
 public:
  using TestEventListenerBase::TestEventListenerBase;

  ~users_listener() override {
    over_.count_down();
    if (own_) own_->join();
  }

  void testRunStarting(const Catch::TestRunInfo& run) override {
    TestEventListenerBase::testRunStarting(run);
    if (mode() == "leaky_listener") parked::leave_thread();
    if (mode() == "listener_with_a_thread") own_.emplace([this] { over_.wait(); });
    if (mode() == "leaky_guard_of_listener") {
      taskleak::guard guard;  // fails outside of any test case
      parked::leave_thread();
    }
  }

 private:
  std::latch over_{1};
  std::optional<std::thread> own_;
};

CATCH_REGISTER_LISTENER(users_listener)

}  // namespace

TEST_CASE("starts no thread") { CHECK(true); }

TEST_CASE("leaves a thread of a pool", "[pool]") { parked::leave_thread("pool-1"); }

TEST_CASE("leaves a thread", "[leak]") { parked::leave_thread(); }

int main(int argc, char** argv) {
  using namespace std::chrono_literals;
  if (mode() == "arguments") return taskleak::verify_test_main(argc, argv);
  if (mode() == "arguments_one_rule") return taskleak::verify_test_main(argc, argv, taskleak::ignore_name("pool-*"));
  if (mode() == "arguments_two_options")
    return taskleak::verify_test_main(argc, argv, taskleak::ignore_name("pool-*"), taskleak::wait_up_to(10ms));

  Catch::Session session;
  const int bad_arguments = session.applyCommandLine(argc, argv);
  if (bad_arguments != 0) return bad_arguments;
  if (mode() == "one_rule") return taskleak::verify_test_main(session, taskleak::ignore_name("pool-*"));
  if (mode() == "two_options")
    return taskleak::verify_test_main(session, taskleak::ignore_name("pool-*"), taskleak::wait_up_to(10ms));
  if (mode() == "missing_suppressions") return taskleak::verify_test_main(session, taskleak::suppressions("no_such_file"));
  return taskleak::verify_test_main(session);
}
