// SPDX-License-Identifier: MIT
/// \file The one line.
#include <taskleak/gtest_main.hpp>
