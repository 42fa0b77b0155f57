// SPDX-License-Identifier: MIT
/// \file A static std::thread is joinable when its destructor runs.
#include "held.hpp"
#include <gtest/gtest.h>

namespace {

std::thread forgotten;

TEST(Static, ThreadIsNeverJoined) { forgotten = leaky::waiting_thread("static"); }

}  // namespace
