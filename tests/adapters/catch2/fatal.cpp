// SPDX-License-Identifier: MIT
/// \file A fatal signal: Catch2 ends the test case in the signal handler, where nothing may be checked, and sends the signal
/// again.
#include "../parked.hpp"
#include <catch2/catch.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

TEST_CASE("dies and leaves a thread", "[.][fatal]") {
  parked::leave_thread();
  std::raise(SIGSEGV);
}

TEST_CASE("raises SIGABRT", "[.][fatal-raise]") {
  std::raise(SIGABRT);
  std::puts("went on");
}

TEST_CASE("aborts", "[.][fatal-abort]") { std::abort(); }

TEST_CASE("aborts on another thread", "[.][fatal-thread]") {
  std::thread([] {
    pthread_setname_np(pthread_self(), "loader");
    std::abort();
  }).join();
}

TEST_CASE("has a child that aborts", "[.][fatal-child]") {
  const pid_t child = fork();
  if (child == 0) std::raise(SIGABRT);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  const bool is_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
  REQUIRE(is_killed);
}

TEST_CASE("handles SIGABRT itself", "[.][fatal-handled]") {
  static volatile std::sig_atomic_t handled = 0;
  const auto before = std::signal(SIGABRT, [](int) { handled = 1; });
  std::raise(SIGABRT);
  std::signal(SIGABRT, before);
  REQUIRE(handled == 1);
}
