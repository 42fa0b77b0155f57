// SPDX-License-Identifier: MIT
/// \file Signals that somebody sends to a program that hangs: all threads are described, and then the signal does what it would
/// have done.
#include "../gate.hpp"
#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <future>
#include <string>
#include <thread>

#include <poll.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char** environ;

namespace {

using testing::KilledBySignal;

/// Returns once the thread sits in this system call.
void until_in(pid_t process, pid_t thread, const char* call) {
  const std::string file = "/proc/" + std::to_string(process) + "/task/" + std::to_string(thread) + "/syscall";
  for (std::string at; at != call;) std::ifstream(file) >> at;
}

/// Sends the signal to this process, from a child, when the main thread sits in this system call.
void send_from_child_once_in(const char* call, int number) {
  if (fork() != 0) return;
  const pid_t process = getppid();
  until_in(process, process, call);
  kill(process, number);
  _exit(0);
}

constexpr const char* number_of_poll = "7";
constexpr const char* number_of_futex = "202";

/// Returns once the thread waits.
void start_healthy_thread() {
  std::promise<pid_t> tells_id;
  std::future<pid_t> id = tells_id.get_future();
  new std::thread([&tells_id] {
    pthread_setname_np(pthread_self(), "healthy");
    tells_id.set_value(static_cast<pid_t>(syscall(SYS_gettid)));
    tests::eternal_gate().wait();
  });
  until_in(getpid(), id.get(), number_of_futex);
}

TEST(Ends, BySIGTERM) {
  start_healthy_thread();
  send_from_child_once_in(number_of_poll, SIGTERM);
  poll(nullptr, 0, -1);
  std::puts("went on");
}

TEST(Ends, BySIGQUIT) {
  start_healthy_thread();
  send_from_child_once_in(number_of_poll, SIGQUIT);
  poll(nullptr, 0, -1);
  std::puts("went on");
}

/// Four threads and the main thread are in the allocator all the time.
TEST(Ends, BySIGTERMInTheAllocator) {
  const auto churn = [] {
    for (void* volatile block = nullptr;; std::free(block)) block = std::malloc(1000);
  };
  for (int i = 0; i < 4; ++i) std::thread(churn).detach();
  if (fork() == 0) {
    kill(getppid(), SIGTERM);
    _exit(0);
  }
  churn();
}

TEST(GoesOn, AfterADump) {
  start_healthy_thread();
  send_from_child_once_in(number_of_poll, SIGUSR1);
  EXPECT_EQ(poll(nullptr, 0, 500), -1) << "a call with a limit ends";
  std::raise(SIGUSR1);
}

TEST(GoesOn, InACallWithoutALimit) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  send_from_child_once_in(number_of_poll, SIGUSR1);
  if (fork() == 0) {
    const timespec while_the_dump_is_made{2, 0};
    nanosleep(&while_the_dump_is_made, nullptr);
    [[maybe_unused]] const ssize_t wrote = write(ends[1], "x", 1);
    _exit(0);
  }
  pollfd readable{ends[0], POLLIN, 0};
  EXPECT_EQ(poll(&readable, 1, -1), 1);
}

TEST(GoesOn, WhereTheSignalIsIgnored) {
  const auto before = std::signal(SIGTERM, SIG_IGN);
  std::raise(SIGTERM);
  std::signal(SIGTERM, before);
}

TEST(GoesOn, AfterAHandlerOfItsOwn) {
  static volatile sig_atomic_t handled = 0;
  const auto before = std::signal(SIGTERM, [](int) { handled = 1; });
  std::raise(SIGTERM);
  EXPECT_EQ(handled, 1);
  std::signal(SIGTERM, before);
}

TEST(ChildDeathTest, IsKilledInBothStyles) {
  for (const char* const style : {"fast", "threadsafe"}) {
    GTEST_FLAG_SET(death_test_style, style);
    EXPECT_EXIT(std::raise(SIGTERM), KilledBySignal(SIGTERM), "^$");
    EXPECT_EXIT(std::raise(SIGQUIT), KilledBySignal(SIGQUIT), "^$");
  }
}

int status_of(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

TEST(Child, OfVforkIsKilled) {
  const pid_t child = vfork();
  if (child == 0) {
    kill(getpid(), SIGTERM);
    _exit(0);
  }
  const int status = status_of(child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM) << status;
}

TEST(Child, OfPosixSpawnIsKilled) {
  char shell[] = "sh", option[] = "-c", command[] = "kill -TERM $$";
  char* arguments[] = {shell, option, command, nullptr};
  pid_t child = 0;
  ASSERT_EQ(posix_spawnp(&child, shell, nullptr, nullptr, arguments, environ), 0);
  const int status = status_of(child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM) << status;
}

/// A death test in a process with a thread.
TEST(ThreadDeathTest, IsBesideAThread) {
  tests::gate over;
  std::thread pool([&] {
    pthread_setname_np(pthread_self(), "pool");
    over.wait();
  });
  EXPECT_EXIT(_exit(3), testing::ExitedWithCode(3), "^$");
  EXPECT_EXIT(_exit(3), testing::ExitedWithCode(3), "^$");
  over.open();
  pool.join();
}

}  // namespace
