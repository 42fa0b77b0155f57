// SPDX-License-Identifier: MIT
/// \file A guard in a program without a test framework: `leak` leaves a thread, `leak 3` does too and returns 3, `clean` does
/// not. `forks` leaves one, too, and prints how children end that call exit(0).
#include <taskleak/guard.hpp>

#include "held.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

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

}  // namespace

int main(int argc, char** argv) {
  const bool leaks = argc > 1 && std::strcmp(argv[1], "clean") != 0;
  test(leaks);
  if (leaks) test(true);
  if (argc > 1 && std::strcmp(argv[1], "forks") == 0) fork_children();
  return argc > 2 ? std::atoi(argv[2]) : 0;
}
