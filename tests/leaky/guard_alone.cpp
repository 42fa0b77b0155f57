// SPDX-License-Identifier: MIT
/// \file A guard in a program without a test framework: `leak` leaves a thread, `leak 3` does too and returns 3, `clean` does
/// not. `forks` leaves one, too, and prints how children end that call exit(0); `at_once` leaves eight by eight threads; `sink`
/// has failures sent to a function.
#include <taskleak/detail/run/run.hpp>
#include <taskleak/guard.hpp>

#include "held.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <latch>
#include <thread>
#include <vector>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

void test(bool leaks) {
  taskleak::guard guard(taskleak::wait_up_to(std::chrono::milliseconds(1)));  // this line
  if (leaks)
    leaky::waiting_thread("left").detach();
  else
    std::thread([] {}).join();
}

void print_end_of(pid_t child) {
  int status = -1;
  waitpid(child, &status, 0);
  std::printf("child: %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
  std::fflush(stdout);
}

void fork_children() {
  pid_t child = fork();
  if (child == 0) std::exit(0);
  print_end_of(child);
  child = fork();
  if (child == 0) {
    const pid_t grandchild = fork();
    if (grandchild == 0) std::exit(0);
    print_end_of(grandchild);
    std::exit(0);
  }
  print_end_of(child);
  child = static_cast<pid_t>(syscall(SYS_fork));  // past the handlers of pthread_atfork()
  if (child == 0) std::exit(0);
  print_end_of(child);
}

/// The run begins with the first guard: on which of the threads that is, nobody knows.
int tests_at_once() {
  std::latch all_are_here(8);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      all_are_here.arrive_and_wait();
      test(true);
    });
  for (std::thread& t : threads) t.join();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "at_once") == 0) return tests_at_once();
  if (argc > 1 && std::strcmp(argv[1], "sink") == 0)
    taskleak::detail::set_failure_sink(
        [](const taskleak::detail::failure& failed) { std::printf("sink: %s", failed.text.c_str()); });
  const bool leaks = argc > 1 && std::strcmp(argv[1], "clean") != 0;
  test(leaks);
  if (leaks) test(true);
  if (argc > 1 && std::strcmp(argv[1], "forks") == 0) fork_children();
  return argc > 2 ? std::atoi(argv[2]) : 0;
}
