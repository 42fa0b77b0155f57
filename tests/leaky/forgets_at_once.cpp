// SPDX-License-Identifier: MIT
/// \file A std::thread is destroyed while it is joinable, before or while it begins: it is on record from its creation on.
#include <gtest/gtest.h>

#include <thread>

namespace {

TEST(Forgets, AThreadAtOnce) {
  std::thread forgotten([] {});
}

}  // namespace
