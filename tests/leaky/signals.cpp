// SPDX-License-Identifier: MIT
/// \file SIGABRT, sent in all ways to all kinds of threads and children, does what it does without taskleak.
#include "held.hpp"
#include <gtest/gtest.h>

#include <csetjmp>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <new>
#include <string>
#include <thread>

#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using testing::KilledBySignal;

void start_healthy_thread() { new std::thread(leaky::waiting_thread("healthy")); }

/// On the calling thread: the kernel gives a signal for the process to any thread that does not block it.
void mask_abort_signal(int how) {
  sigset_t abort_signal;
  sigemptyset(&abort_signal);
  sigaddset(&abort_signal, SIGABRT);
  pthread_sigmask(how, &abort_signal, nullptr);
}

/// Waits until the test is over.
class ended_thread {
 public:
  ended_thread() = default;
  ~ended_thread() {
    over_.open();
    thread_.join();
  }
  ended_thread(const ended_thread&) = delete;
  ended_thread& operator=(const ended_thread&) = delete;

 private:
  leaky::gate over_;
  std::thread thread_{[this] { over_.wait(); }};
};

// ---- it ends the program

TEST(Ends, ByRaise) {
  start_healthy_thread();
  std::raise(SIGABRT);
  std::puts("went on");
}

TEST(Ends, ByKill) {
  start_healthy_thread();
  kill(getpid(), SIGABRT);
  std::puts("went on");
}

TEST(Ends, ByASignalThatWasBlocked) {
  mask_abort_signal(SIG_BLOCK);
  std::raise(SIGABRT);
  std::fputs("still blocked\n", stderr);
  mask_abort_signal(SIG_UNBLOCK);
  std::puts("went on");
}

TEST(Ends, ByAHandlerThatPassesTheSignalOn) {
  static void (*before)(int) = nullptr;
  before = std::signal(SIGABRT, [](int number) {
    if (write(STDERR_FILENO, "handled\n", 8) < 0) return;
    before(number);
  });
  std::raise(SIGABRT);
  std::puts("went on");
}

TEST(Ends, ByAHandlerThatPutsTheOneBeforeBack) {
  static struct sigaction before;
  struct sigaction own {};
  own.sa_handler = [](int number) {
    sigaction(number, &before, nullptr);
    std::raise(number);
  };
  sigaction(SIGABRT, &own, &before);
  std::raise(SIGABRT);
  std::puts("went on");
}

// ---- it does not end the program

TEST(GoesOn, AfterAHandlerOfItsOwn) {
  static volatile sig_atomic_t handled = 0;
  const auto before = std::signal(SIGABRT, [](int) { handled = 1; });
  std::raise(SIGABRT);
  EXPECT_EQ(handled, 1);
  std::signal(SIGABRT, before);
}

TEST(GoesOn, AfterAHandlerThatJumpsOutOfAbort) {
  static sigjmp_buf back;
  const auto before = std::signal(SIGABRT, [](int) { siglongjmp(back, 1); });
  if (sigsetjmp(back, 1) == 0) std::abort();
  std::signal(SIGABRT, before);
}

TEST(GoesOn, WhereTheSignalIsIgnored) {
  const auto before = std::signal(SIGABRT, SIG_IGN);
  std::raise(SIGABRT);
  std::signal(SIGABRT, before);
}

// ---- children

TEST(ChildDeathTest, IsKilledByRaiseInTheFastStyle) {
  const ended_thread healthy;
  GTEST_FLAG_SET(death_test_style, "fast");
  EXPECT_EXIT(std::raise(SIGABRT), KilledBySignal(SIGABRT), "^$");
}

TEST(ChildDeathTest, IsKilledByRaiseInTheThreadsafeStyle) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(std::raise(SIGABRT), KilledBySignal(SIGABRT), "^$");
}

TEST(ChildDeathTest, IsKilledByAbort) { EXPECT_EXIT(std::abort(), KilledBySignal(SIGABRT), "^$"); }

TEST(ChildDeathTest, IsKilledByKill) { EXPECT_EXIT(kill(getpid(), SIGABRT), KilledBySignal(SIGABRT), "^$"); }

TEST(Child, IsKilledWhereItSharesTheMemoryOfItsParent) {
  const ended_thread healthy;
  const pid_t child = vfork();
  if (child == 0) {
    std::raise(SIGABRT);
    _exit(3);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT) << status;
}

TEST(Child, IsKilledWhereItWasMadeByCloneItself) {
  alignas(16) static unsigned char stack[64 * 1024];
  const pid_t child = clone(
      [](void*) {
        syscall(SYS_tgkill, syscall(SYS_getpid), syscall(SYS_gettid), SIGABRT);
        return 3;
      },
      stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, nullptr);
  ASSERT_NE(child, -1);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT) << status;
}

// ---- a program that hangs, which somebody else ends

/// Starts a process that sends SIGABRT to this one as soon as `is_time`, which it asks again and again.
template <class IsTime>
void let_somebody_end_the_program_when(IsTime&& is_time) {
  const pid_t program = getpid();
  const pid_t child = fork();
  ASSERT_NE(child, -1);
  if (child != 0) return;
  while (!is_time() && getppid() == program) sched_yield();
  kill(program, SIGABRT);
  _exit(0);
}

/// Whether the main thread of the process is parked in that system call.
bool main_thread_is_in(pid_t program, long system_call) {
  std::ifstream file("/proc/" + std::to_string(program) + "/syscall");
  long number = -1;
  return file >> number && number == system_call;
}

void let_somebody_end_the_program_in(long system_call) {
  const pid_t program = getpid();
  let_somebody_end_the_program_when([=] { return main_thread_is_in(program, system_call); });
}

TEST(Hangs, InAJoin) {
  mask_abort_signal(SIG_BLOCK);  // for the new thread: it is the main thread that takes the signal
  std::thread stuck = leaky::waiting_thread("stuck");
  mask_abort_signal(SIG_UNBLOCK);
  let_somebody_end_the_program_in(SYS_futex);
  stuck.join();
}

TEST(Hangs, InASleep) {
  mask_abort_signal(SIG_BLOCK);
  start_healthy_thread();
  mask_abort_signal(SIG_UNBLOCK);
  let_somebody_end_the_program_in(SYS_clock_nanosleep);
  sleep(3600);
}

volatile bool* is_running = nullptr;

/// Says in memory that is shared with the child that it runs.
[[gnu::noinline]] void run_for_ever() {
  for (volatile bool stop = false; !stop;) *is_running = true;
}
TEST(Hangs, InALoop) {
  mask_abort_signal(SIG_BLOCK);
  start_healthy_thread();
  mask_abort_signal(SIG_UNBLOCK);
  is_running = static_cast<bool*>(mmap(nullptr, 1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  let_somebody_end_the_program_when([] { return *is_running; });
  run_for_ever();
}

TEST(Hangs, WhereAWaitingThreadTakesTheSignal) {
  start_healthy_thread();
  mask_abort_signal(SIG_BLOCK);
  let_somebody_end_the_program_in(SYS_clock_nanosleep);
  sleep(3600);
}

TEST(Hangs, WhereAThreadInTheAllocatorTakesTheSignal) {
  new std::thread([] {
    pthread_setname_np(pthread_self(), "allocating");
    for (;;) std::free(std::malloc(1));
  });
  mask_abort_signal(SIG_BLOCK);
  let_somebody_end_the_program_in(SYS_clock_nanosleep);
  sleep(3600);
}

}  // namespace
