// SPDX-License-Identifier: MIT
/// \file The same in Catch2.
#include <taskleak/catch2_main.hpp>
#include <taskleak/track_coroutines.hpp>

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_test_macros.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <taskleak/thread.hpp>

#include <latch>

TEST_CASE("leaves a thread") {
  static auto& never = *new std::latch(1);
  static auto& left = *new taskleak::thread([] { never.wait(); });
  CHECK(left.joinable());
}

TEST_CASE("joins its thread") {
  taskleak::thread worker([] {});
  worker.join();
  CHECK_FALSE(worker.joinable());
}
