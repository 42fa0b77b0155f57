// SPDX-License-Identifier: MIT
/// \file What gtest_main.hpp and catch2_main.hpp bring, without a test framework.
#include <taskleak/runtime.hpp>
