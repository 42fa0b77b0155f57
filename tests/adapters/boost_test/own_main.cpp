// SPDX-License-Identifier: MIT
/// \file A main() of one's own, and an own function that adds a suite by hand; Boost.Test is in this file.
#include <taskleak/boost_test.hpp>
#include <taskleak/ignore.hpp>

#include "../parked.hpp"

#include <cstdlib>
#include <string_view>

namespace {

void leaves_a_thread_of_a_pool() { parked::leave_thread("pool-1"); }

boost::unit_test::test_suite* add_by_hand(int, char**) {
  boost::unit_test::test_suite* const suite = BOOST_TEST_SUITE("by hand");
  suite->add(BOOST_TEST_CASE(&leaves_a_thread_of_a_pool));
  return suite;
}

}  // namespace

int main(int argc, char** argv) {
  const char* const set = std::getenv("MODE");
  const std::string_view mode = set ? set : "";
  if (mode == "one_rule") return taskleak::verify_test_main(add_by_hand, argc, argv, taskleak::ignore_name("pool-*"));
  if (mode == "two_options")
    return taskleak::verify_test_main(add_by_hand, argc, argv, taskleak::ignore_name("pool-*"), taskleak::ignore_name("log-*"));
  return taskleak::verify_test_main(add_by_hand, argc, argv);
}
