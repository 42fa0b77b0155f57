// SPDX-License-Identifier: MIT
/// \file The one line, with all of taskleak in one file.
#define TASKLEAK_WITH_TRACK_COROUTINES
#define TASKLEAK_WITH_GTEST_MAIN
#include "taskleak_all.hpp"
