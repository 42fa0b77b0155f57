// SPDX-License-Identifier: MIT
/// \file All of a program in one file: no library of Boost's is linked, unless it is the static one, of which nothing is used.
#define BOOST_TEST_MODULE one_file
#include <taskleak/boost_test_main.hpp>

#include "../parked.hpp"

BOOST_AUTO_TEST_CASE(leaves_a_thread) { parked::leave_thread(); }

BOOST_AUTO_TEST_CASE(ends_its_thread) { parked::ended_thread thread; }
