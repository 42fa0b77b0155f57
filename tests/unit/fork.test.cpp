// SPDX-License-Identifier: MIT
/// \file Children of this process: they have the registry's memory and none of its threads.
#include "parked_thread.hpp"
#include <gmock/gmock.h>

#include <array>
#include <cstdlib>
#include <sstream>

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

extern "C" char** environ;

namespace {

using namespace unit;

struct child_end {
  int status = -1;
  std::string said;  ///< on stdout and stderr

  bool exited_with(int code) const { return WIFEXITED(status) && WEXITSTATUS(status) == code; }
};

std::ostream& operator<<(std::ostream& out, const child_end& end) {
  return out << "status " << end.status << ", said '" << end.said << "'";
}

/// Runs the body in a child that `make_child` makes, and collects what it says.
template <class MakeChild, class Body>
child_end run_child(MakeChild make_child, Body body) {
  std::array<int, 2> ends;
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  fflush(nullptr);
  const pid_t child = make_child();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    body();
    _exit(99);
  }
  close(ends[1]);
  child_end end;
  std::array<char, 512> chunk;
  for (ssize_t got; (got = read(ends[0], chunk.data(), chunk.size())) > 0;)
    end.said.append(chunk.data(), static_cast<std::size_t>(got));
  close(ends[0]);
  waitpid(child, &end.status, 0);
  return end;
}

class Fork : public testing::Test {
 protected:
  Fork() { parked_thread(thread.tid()); }
  held_thread thread{"of the parent"};
};

TEST_F(Fork, AChildThatExitsIsSilent) {
  const child_end end = run_child(fork, [] { std::exit(0); });
  EXPECT_TRUE(end.exited_with(0)) << end;
  EXPECT_EQ(end.said, "");
}

TEST_F(Fork, AChildKeepsItsExitCode) {
  const child_end end = run_child(fork, [] { std::exit(7); });
  EXPECT_TRUE(end.exited_with(7)) << end;
  EXPECT_EQ(end.said, "");
}

TEST_F(Fork, AChildMayMakeAndJoinThreads) {
  const child_end end = run_child(fork, [] {
    int ran = 0;
    for (int i = 0; i < 3; ++i) std::thread([&] { ++ran; }).join();
    std::exit(ran == 3 ? 0 : 1);
  });
  EXPECT_TRUE(end.exited_with(0)) << end;
  EXPECT_EQ(end.said, "");
}

TEST_F(Fork, AChildMayEndWithAThreadOfItsOwnAlive) {
  const child_end end = run_child(fork, [] {
    told_tid& tid = *new told_tid;
    std::thread([&tid] {
      tid.tell();
      eternal_gate().wait();
    }).detach();
    tid.get();
    std::exit(0);
  });
  EXPECT_TRUE(end.exited_with(0)) << end;
  EXPECT_EQ(end.said, "");
}

void look_in_every_way_and_exit() {
  taskleak::guard guard(at_once);
  bool clean = guard.check();
  clean = taskleak::verify_none(at_once) && clean;
  clean = taskleak::find(at_once).empty() && clean;
  clean = taskleak::task_count() == 0 && clean;
  std::ostringstream dumped;
  taskleak::dump(dumped);
  clean = dumped.str() == "no other task is alive\n" && clean;
  _exit(clean ? 0 : 1);
}

TEST_F(Fork, AChildFindsNoneOfTheParentsThreads) {
  const child_end end = run_child(fork, look_in_every_way_and_exit);
  EXPECT_TRUE(end.exited_with(0)) << end;
  EXPECT_EQ(end.said, "");
}

// No handler of pthread_atfork runs in this one.
TEST_F(Fork, AChildOfTheCloneSystemCallFindsNoneOfTheParentsThreads) {
  const child_end end =
      run_child([] { return static_cast<pid_t>(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)); }, look_in_every_way_and_exit);
  EXPECT_TRUE(end.exited_with(0)) << end;
  EXPECT_EQ(end.said, "");
}

TEST_F(Fork, AChildOfTheCloneSystemCallMayAbortInSilence) {
  const child_end end =
      run_child([] { return static_cast<pid_t>(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)); }, [] { std::abort(); });
  EXPECT_TRUE(WIFSIGNALED(end.status) && WTERMSIG(end.status) == SIGABRT) << end;
  EXPECT_EQ(end.said, "");
}

TEST_F(Fork, AChildMayAbortInSilence) {
  const child_end end = run_child(fork, [] { std::abort(); });
  EXPECT_TRUE(WIFSIGNALED(end.status) && WTERMSIG(end.status) == SIGABRT) << end;
  EXPECT_EQ(end.said, "");
}

TEST_F(Fork, TheParentStillSeesItsThread) {
  run_child(fork, [] { std::exit(0); });
  EXPECT_TRUE(find_thread(thread.tid()));
}

TEST(ForkAmongThreads, NeverFindsALockHeldInTheChild) {
  std::atomic<bool> stop{false};
  std::vector<std::jthread> makers;
  for (int m = 0; m < 2; ++m)
    makers.emplace_back([&] {
      while (!stop) {
        std::thread([] {}).detach();
        std::thread([] {}).join();
      }
    });
  int good = 0;
  for (int i = 0; i < 200; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      std::thread([] {}).join();
      std::thread detached([] {});
      detached.detach();
      taskleak::guard guard;
      _exit(guard.check() && taskleak::task_count() == 0 ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    good += status == 0;
  }
  stop = true;
  makers.clear();
  EXPECT_EQ(good, 200);
  until_registry_is_empty();
}

TEST(Spawn, VforkAndExecLeavesTheParentAsItWas) {
  held_thread thread;
  parked_thread(thread.tid());
  const pid_t child = vfork();
  if (child == 0) {
    execl("/bin/true", "true", static_cast<char*>(nullptr));
    _exit(99);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(find_thread(thread.tid()));
  EXPECT_EQ(taskleak::task_count(), 1u);
}

TEST(Spawn, PosixSpawnLeavesTheParentAsItWas) {
  held_thread thread;
  parked_thread(thread.tid());
  char name[] = "true";
  char* arguments[] = {name, nullptr};
  pid_t child = 0;
  ASSERT_EQ(posix_spawn(&child, "/bin/true", nullptr, nullptr, arguments, environ), 0);
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(find_thread(thread.tid()));
  EXPECT_EQ(taskleak::task_count(), 1u);
}

}  // namespace
