// SPDX-License-Identifier: MIT
/// \file abort() while threads are not joined.
#include "held.hpp"
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

namespace {

[[gnu::noinline]] std::thread& make_forgotten_thread() { return *new std::thread(leaky::waiting_thread("forgotten")); }

TEST(Aborts, WithAThreadThatIsNotJoined) {
  std::thread& forgotten = make_forgotten_thread();
  if (forgotten.joinable()) std::abort();
}

TEST(Aborts, WithoutAThread) { std::abort(); }

}  // namespace
