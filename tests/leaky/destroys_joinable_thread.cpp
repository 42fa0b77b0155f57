// SPDX-License-Identifier: MIT
/// \file A std::thread is destroyed while it is joinable, which is std::terminate.
#include "held.hpp"
#include <gtest/gtest.h>

namespace {

[[gnu::noinline]] std::thread make_forgotten_thread() { return leaky::waiting_thread("forgotten"); }

TEST(Destroys, AJoinableThread) {
  std::thread detached = leaky::waiting_thread("detached");
  detached.detach();
  std::thread forgotten = make_forgotten_thread();
}

}  // namespace
