// SPDX-License-Identifier: MIT
/// \file A program with a main() of its own; its first argument says what lives longer than a test, and under which rules.
#include <taskleak/gtest.hpp>

#include "../parked.hpp"

#include <chrono>
#include <memory>
#include <string_view>

namespace {

TEST(OwnMain, StartsNoThread) {}

TEST(OwnMain, LeavesAThreadOfAPool) { parked::leave_thread("pool-1"); }

TEST(OwnMain, LeavesAThread) { parked::leave_thread(); }

class leaky_environment : public testing::Environment {
 public:
  void SetUp() override { parked::leave_thread(); }
};

class clean_environment : public testing::Environment {
 public:
  void SetUp() override { shared_ = std::make_unique<parked::ended_thread>(); }
  void TearDown() override { shared_.reset(); }

 private:
  std::unique_ptr<parked::ended_thread> shared_;
};

}  // namespace

int main(int argc, char** argv) {
  using namespace std::chrono_literals;
  testing::InitGoogleTest(&argc, argv);
  const std::string_view mode = argc > 1 ? argv[1] : "";
  if (mode == "leaky_environment") {
    testing::AddGlobalTestEnvironment(new leaky_environment);
  } else if (mode == "clean_environment") {
    testing::AddGlobalTestEnvironment(new clean_environment);
  } else if (mode == "thread_before") {
    parked::leave_thread();
  } else if (mode == "one_rule") {
    return taskleak::verify_test_main(taskleak::ignore_name("pool-*", "the pool stays"));
  } else if (mode == "warn_only") {
    return taskleak::verify_test_main(taskleak::on_leak(taskleak::leak_action::warn));
  } else if (mode == "two_options") {
    return taskleak::verify_test_main(taskleak::ignore_name("pool-*", "the pool stays"), taskleak::wait_up_to(10ms));
  } else if (mode == "missing_suppressions") {
    return taskleak::verify_test_main(taskleak::suppressions("no_such_file"));
  } else if (mode == "twice") {
    const int first = taskleak::verify_test_main();
    return first + 10 * taskleak::verify_test_main();
  }
  return taskleak::verify_test_main();
}
