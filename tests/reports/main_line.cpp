// SPDX-License-Identifier: MIT
#include <taskleak/gtest_main.hpp>
