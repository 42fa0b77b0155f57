// SPDX-License-Identifier: MIT
/// \file An exception leaves a thread's function, which is std::terminate.
#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

namespace {

[[gnu::noinline]] void throws() { throw std::runtime_error("nobody catches this"); }

TEST(Throws, InAThread) { std::thread(throws).join(); }

}  // namespace
