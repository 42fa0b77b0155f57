// SPDX-License-Identifier: MIT
/// \file After a run that has left a thread, a static object's destructor makes children, which die of signals of their own.
#include "held.hpp"
#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <sys/wait.h>
#include <unistd.h>

namespace {

void print_end_of(const char* what, pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status))
    std::printf("%s: signal %d\n", what, WTERMSIG(status));
  else
    std::printf("%s: code %d\n", what, WEXITSTATUS(status));
  std::fflush(stdout);
}

struct makes_children {
  ~makes_children() {
    pid_t child = fork();
    if (child == 0) {
      *static_cast<volatile int*>(nowhere) = 1;
      _exit(3);
    }
    print_end_of("fault", child);
    child = fork();
    if (child == 0) std::abort();
    print_end_of("abort", child);
    child = fork();
    if (child == 0) std::exit(0);
    print_end_of("exit", child);
  }
  int* volatile nowhere = nullptr;
};

makes_children at_exit;

TEST(Children, AtExit) { leaky::waiting_thread("left").detach(); }

TEST(Signals, FromElsewhereAfterTheRun) {
  leaky::waiting_thread("left").detach();
  std::atexit([] {
    kill(getpid(), SIGSEGV);
    std::puts("went on");
  });
}

}  // namespace
