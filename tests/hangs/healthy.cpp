// SPDX-License-Identifier: MIT
/// \file Tests that are slow and healthy: nobody who watches for hangs may be noticed by them.
#include "../gate.hpp"
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

namespace {

using namespace std::chrono_literals;

// why: a hang would be told after half a second
constexpr auto long_enough = 1500ms;
constexpr timespec as_timespec{1, 500'000'000};

/// Runs the function in a child and ends it.
template <class Function>
pid_t in_child(Function function) {
  const pid_t child = fork();
  if (child == 0) {
    function();
    _exit(0);
  }
  return child;
}
void sleep_in_child() { nanosleep(&as_timespec, nullptr); }

/// Sees, at its end, that the program has the children that it has made and no others.
class Healthy : public testing::Test {
 protected:
  void TearDown() override {
    errno = 0;
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
  }
};

TEST_F(Healthy, Sleeps) {
  timespec left{};
  EXPECT_EQ(nanosleep(&as_timespec, &left), 0);
}

TEST_F(Healthy, Polls) { EXPECT_EQ(poll(nullptr, 0, 1500), 0); }

TEST_F(Healthy, WaitsForEvents) {
  const int events = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  EXPECT_EQ(epoll_wait(events, &event, 1, 1500), 0);
  close(events);
}

TEST_F(Healthy, WaitsForAChild) {
  const pid_t child = in_child(sleep_in_child);
  EXPECT_EQ(waitpid(child, nullptr, 0), child);
}

TEST_F(Healthy, WaitsWithALimit) {
  std::mutex mutex;
  std::condition_variable condition;
  std::unique_lock lock(mutex);
  EXPECT_FALSE(condition.wait_for(lock, long_enough, [] { return false; }));
}

// why: a main thread that nothing can wake is told after five seconds
constexpr int longer_than_a_long_wait_ms = 6'500;

TEST_F(Healthy, WaitsForAPollerForLong) {
  std::promise<int> promise;
  std::thread poller([&promise] {
    poll(nullptr, 0, longer_than_a_long_wait_ms);
    promise.set_value(1);
  });
  EXPECT_EQ(promise.get_future().get(), 1);
  poller.join();
}

TEST_F(Healthy, WaitsForAWorkerThatWaitsForAPollerForLong) {
  const auto first = std::make_shared<tests::gate>(), second = std::make_shared<tests::gate>();
  std::thread poller([first] {
    poll(nullptr, 0, longer_than_a_long_wait_ms);
    first->open();
  });
  std::thread worker([first, second] {
    first->wait();
    second->open();
  });
  second->wait();
  poller.join();
  worker.join();
}

TEST_F(Healthy, WaitsForAWorkerThatSleeps) {
  tests::gate gate;
  std::thread worker([&] {
    std::this_thread::sleep_for(long_enough);
    gate.open();
  });
  gate.wait();
  worker.join();
}

TEST_F(Healthy, WaitsForAWorkerThatWaitsForAChild) {
  std::promise<int> status;
  std::thread worker([&] {
    const pid_t child = in_child(sleep_in_child);
    int how = -1;
    waitpid(child, &how, 0);
    status.set_value(how);
  });
  EXPECT_EQ(status.get_future().get(), 0);
  worker.join();
}

/// A semaphore that a handler of a signal posts.
sem_t posted_by_handler;
void post_in_handler(int) { sem_post(&posted_by_handler); }

class HealthyWithHandler : public Healthy {
 protected:
  void SetUp() override {
    sem_init(&posted_by_handler, 0, 0);
    struct sigaction action {};
    action.sa_handler = post_in_handler;
    action.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &action, &user_);
    sigaction(SIGALRM, &action, &alarm_);
  }
  void TearDown() override {
    sigaction(SIGUSR1, &user_, nullptr);
    sigaction(SIGALRM, &alarm_, nullptr);
    Healthy::TearDown();
  }

 private:
  struct sigaction user_ {};
  struct sigaction alarm_ {};
};

TEST_F(HealthyWithHandler, WaitsForASignalOfAChild) {
  const pid_t child = in_child([] {
    sleep_in_child();
    kill(getppid(), SIGUSR1);
  });
  EXPECT_EQ(sem_wait(&posted_by_handler), 0);
  waitpid(child, nullptr, 0);
}

TEST_F(HealthyWithHandler, WaitsForATimer) {
  itimerval timer{};
  timer.it_value = {1, 500'000};
  setitimer(ITIMER_REAL, &timer, nullptr);
  EXPECT_EQ(sem_wait(&posted_by_handler), 0);
}

TEST_F(HealthyWithHandler, PausesUntilATimerRings) {
  itimerval timer{};
  timer.it_value = {1, 500'000};
  setitimer(ITIMER_REAL, &timer, nullptr);
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(pause(), -1);
  EXPECT_EQ(errno, EINTR);
  EXPECT_GE(std::chrono::steady_clock::now() - began, 1400ms) << "something else than the timer has ended pause()";
}

TEST_F(HealthyWithHandler, SuspendsItselfUntilATimerRings) {
  sigset_t none;
  sigemptyset(&none);
  itimerval timer{};
  timer.it_value = {1, 500'000};
  setitimer(ITIMER_REAL, &timer, nullptr);
  EXPECT_EQ(sigsuspend(&none), -1);
  int posts = 0;
  sem_getvalue(&posted_by_handler, &posts);
  EXPECT_EQ(posts, 1) << "something else than the timer has ended sigsuspend()";
}

/// Has one handler for the signals that somebody may send to it, and for a crash.
class HealthyWithOneHandler : public HealthyWithHandler {
 protected:
  void SetUp() override {
    HealthyWithHandler::SetUp();
    struct sigaction action {};
    action.sa_handler = post_in_handler;
    sigaction(SIGSEGV, &action, &crash_);
    sigaction(SIGTRAP, &action, &trap_);
  }
  void TearDown() override {
    sigaction(SIGSEGV, &crash_, nullptr);
    sigaction(SIGTRAP, &trap_, nullptr);
    HealthyWithHandler::TearDown();
  }

 private:
  struct sigaction crash_ {};
  struct sigaction trap_ {};
};

TEST_F(HealthyWithOneHandler, WaitsForATimer) {
  alarm(2);
  while (sem_wait(&posted_by_handler) != 0) EXPECT_EQ(errno, EINTR);
}

TEST_F(HealthyWithOneHandler, WaitsForATrapThatAChildSends) {
  const pid_t child = in_child([] {
    sleep_in_child();
    kill(getppid(), SIGTRAP);
  });
  while (sem_wait(&posted_by_handler) != 0) EXPECT_EQ(errno, EINTR);
  waitpid(child, nullptr, 0);
}

TEST_F(Healthy, WaitsForAChildThatHasTheSameMemory) {
  static std::atomic<int> word{0};
  alignas(16) static char stack[65536];
  const int child = clone(
      [](void*) {
        syscall(SYS_nanosleep, &as_timespec, nullptr);
        word.store(1);
        syscall(SYS_futex, &word, FUTEX_WAKE, 1);
        syscall(SYS_exit, 0);
        return 0;
      },
      stack + sizeof stack, CLONE_VM | SIGCHLD, nullptr);
  ASSERT_GT(child, 0);
  word.wait(0);
  EXPECT_EQ(waitpid(child, nullptr, 0), child);
}

/// Has given up the right to end a process of the user that it was; the test does that only where it is root, as in a container.
TEST_F(Healthy, GivesUpItsUser) {
  constexpr int nobody = 65534;
  if (geteuid() == 0) {
    ASSERT_EQ(setuid(nobody), 0);
  }
}

TEST_F(Healthy, ForbidsItselfSystemCallsOnPainOfDeath) {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_kill, 3, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpid, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{sizeof filter / sizeof *filter, filter};
  ASSERT_EQ(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  ASSERT_EQ(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

/// Returns how many live children of the calling thread have this name.
int children_named(const std::string& wanted) {
  std::ifstream children("/proc/thread-self/children");
  int count = 0;
  for (int child = 0; children >> child;) {
    std::string name, state;
    std::ifstream status("/proc/" + std::to_string(child) + "/stat");
    status >> name >> name >> state;
    if (name == "(" + wanted + ")" && state != "Z") ++count;
  }
  return count;
}

TEST_F(Healthy, BecomesAnotherProgram) {
  if (getenv("HEALTHY_HAS_BECOME_ANOTHER") == nullptr) {
    setenv("HEALTHY_HAS_BECOME_ANOTHER", "1", 1);
    execl("/proc/self/exe", "healthy", "--gtest_filter=Healthy.BecomesAnotherProgram", nullptr);
    FAIL() << "execl: " << errno;
  }
  std::this_thread::sleep_for(500ms);  // why: the one who watched over the program before looks each tenth of a second
  EXPECT_EQ(children_named("taskleak-watch"), 1);
}

TEST_F(Healthy, WaitsForASignalBySigwait) {
  sigset_t user;
  sigemptyset(&user);
  sigaddset(&user, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &user, nullptr);
  const pid_t child = in_child([] {
    sleep_in_child();
    kill(getppid(), SIGUSR2);
  });
  int number = 0;
  EXPECT_EQ(sigwait(&user, &number), 0);
  EXPECT_EQ(number, SIGUSR2);
  pthread_sigmask(SIG_UNBLOCK, &user, nullptr);
  waitpid(child, nullptr, 0);
}

TEST_F(Healthy, WaitsForASemaphoreOfAnotherProcess) {
  void* const page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  auto* const shared = static_cast<sem_t*>(page);
  sem_init(shared, 1, 0);
  const pid_t child = in_child([shared] {
    sleep_in_child();
    sem_post(shared);
  });
  EXPECT_EQ(sem_wait(shared), 0);
  waitpid(child, nullptr, 0);
  munmap(page, 4096);
}

TEST_F(Healthy, ReadsFromASocketOfAnotherProcess) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const pid_t child = in_child([&] {
    sleep_in_child();
    [[maybe_unused]] const ssize_t wrote = write(ends[1], "x", 1);
  });
  char got = 0;
  EXPECT_EQ(read(ends[0], &got, 1), 1);
  waitpid(child, nullptr, 0);
  for (const int end : ends) close(end);
}

TEST_F(Healthy, IsStoppedAndGoesOn) {
  const pid_t child = in_child([] {
    const timespec moment{0, 100'000'000};
    nanosleep(&moment, nullptr);
    kill(getppid(), SIGSTOP);
    sleep_in_child();
    kill(getppid(), SIGCONT);
  });
  tests::gate gate;
  std::thread worker([&] {
    waitpid(child, nullptr, 0);
    gate.open();
  });
  gate.wait();
  worker.join();
}

TEST_F(Healthy, EndsItselfByADeathTest) {
  for (const char* const style : {"fast", "threadsafe"}) {
    GTEST_FLAG_SET(death_test_style, style);
    EXPECT_EXIT((sleep_in_child(), _exit(3)), testing::ExitedWithCode(3), "");
  }
}

}  // namespace
