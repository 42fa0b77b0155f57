// SPDX-License-Identifier: MIT
/// \file Programs that cannot look into /proc: what is alive there is reported all the same, and what is clean stays clean.
///
/// Each test runs this program once more, which takes something away from itself before its tests begin.
#include <taskleak/gtest.hpp>

#include "parked_thread.hpp"
#include <gmock/gmock.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace unit;
using testing::HasSubstr;
using testing::Not;

constexpr int not_possible_here = 77;

// ---- what the program takes away from itself; false where the system does not let it

bool leave_no_descriptor() {
  const rlimit none{3, 3};
  return setrlimit(RLIMIT_NOFILE, &none) == 0;
}

bool forbid_opening_files() {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{4, filter};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/// As root, or in a user namespace where those are allowed.
bool take_namespace(int which) { return unshare(which) == 0 || unshare(which | CLONE_NEWUSER) == 0; }

bool hide_proc() {
  return take_namespace(CLONE_NEWNS) && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         mount("none", "/proc", "tmpfs", 0, nullptr) == 0;
}

bool change_root() {
  std::array<char, 32> empty{"/tmp/taskleak_root_XXXXXX"};
  const bool changed = mkdtemp(empty.data()) && take_namespace(CLONE_NEWNS) && chroot(empty.data()) == 0 && chdir("/") == 0;
  return changed;
}

/// The rest runs in the child, which is the first process of its namespace and sees the /proc of the outer one.
bool leave_pid_namespace(char** arguments) {
  if (!take_namespace(CLONE_NEWPID)) return false;
  const pid_t child = fork();
  if (child < 0) return false;
  if (child == 0) {
    execv("/proc/self/exe", arguments);
    _exit(not_possible_here);
  }
  int status = 0;
  waitpid(child, &status, 0);
  std::exit(WIFEXITED(status) ? WEXITSTATUS(status) : not_possible_here);
}

bool forbid_tracing() {
  // root may read all the same
  return (getuid() != 0 || (setgid(65534) == 0 && setuid(65534) == 0)) && prctl(PR_SET_DUMPABLE, 0) == 0;
}

bool take_away(std::string_view what, char** arguments) {
  if (what == "descriptors") return leave_no_descriptor();
  if (what == "opening") return forbid_opening_files();
  if (what == "proc") return hide_proc();
  if (what == "root") return change_root();
  if (what == "tracing") return forbid_tracing();
  if (what == "pid_namespace") {
    static char inside[] = "--without=nothing";
    for (char** a = arguments; *a; ++a)
      if (std::string_view(*a).starts_with("--without=")) *a = inside;
    return leave_pid_namespace(arguments);
  }
  return what == "nothing";
}

// ---- the tests of the program that is run

TEST(Inside, LeavesAThread) {
  auto* const tid = new told_tid;
  std::thread([tid] {
    pthread_setname_np(pthread_self(), "left");
    tid->tell();
    eternal_gate().wait();
  }).detach();
  tid->get();
}

TEST(Inside, IsClean) {
  for (int i = 0; i < 20; ++i) std::thread([] {}).join();
  for (int i = 0; i < 20; ++i) std::thread([] {}).detach();
}

TEST(Inside, HasAHelperOfGlibcs) {
  static timer_t timer;
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD;
  event.sigev_notify_function = [](sigval) {};
  ASSERT_EQ(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
}

TEST(Inside, LeavesOneThatPolls) {
  std::array<int, 2> ends;
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  auto* const tid = new told_tid;
  std::thread([tid, fd = ends[0]] {
    tid->tell();
    pollfd readable{fd, POLLIN, 0};
    if (poll(&readable, 1, -1) < 0) std::_Exit(99);
  }).detach();
  const int polls = tid->get();
  until([&] {
    const auto stat = taskleak::detail::read_thread_stat(polls);
    return stat && stat->state == 'S';
  });
}

// ---- and what it ends with

struct ended {
  int code;
  std::string text;
};

ended run_without(const std::string& what, const std::string& test) {
  const std::string command =
      "exec 2>&1; exec /proc/" + std::to_string(getpid()) + "/exe --without=" + what + " --gtest_filter=Inside." + test;
  FILE* const out = popen(command.c_str(), "re");
  ended e{-1, {}};
  if (!out) return e;
  std::array<char, 4096> piece;
  for (std::size_t got; (got = fread(piece.data(), 1, piece.size(), out)) > 0;) e.text.append(piece.data(), got);
  const int status = pclose(out);
  e.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return e;
}

// ---- a test that has used up the descriptors, and one after it that has some again

std::vector<int>& taken_descriptors() {
  static std::vector<int> taken;
  return taken;
}

void leave_a_thread() {
  auto* const tid = new told_tid;
  std::thread([tid] {
    tid->tell();
    eternal_gate().wait();
  }).detach();
  tid->get();
}

TEST(Inside, UsesUpDescriptors1) {
  leave_a_thread();
  for (int taken; (taken = dup(STDOUT_FILENO)) >= 0;) taken_descriptors().push_back(taken);
}

TEST(Inside, UsesUpDescriptors2) {
  for (const int taken : taken_descriptors()) close(taken);
  leave_a_thread();
}

TEST(WithoutDescriptors, ALaterReportHasItsNamesAgain) {
  const ended e = run_without("nothing", "UsesUpDescriptors*");
  EXPECT_EQ(e.code, 1) << e.text;
  EXPECT_THAT(e.text, HasSubstr("Inside.UsesUpDescriptors1 left 1 thread behind: [unknown]"));
  const std::size_t second = e.text.find("Inside.UsesUpDescriptors2 left 1 thread behind");
  ASSERT_NE(second, std::string::npos) << e.text;
  EXPECT_THAT(e.text.substr(second), HasSubstr("leave_a_thread()")) << "it is static, so only the file's symbol table has it";
}

class Without : public testing::TestWithParam<const char*> {};

TEST_P(Without, AThreadThatIsLeftIsReportedWithWhatIsKnown) {
  const ended e = run_without(GetParam(), "LeavesAThread");
  if (e.code == not_possible_here) GTEST_SKIP() << "not possible here";
  EXPECT_EQ(e.code, 1) << e.text;
  EXPECT_THAT(e.text, HasSubstr("Inside.LeavesAThread left 1 thread behind"));
  EXPECT_THAT(e.text, HasSubstr("\"left\" [unknown, "));
  EXPECT_THAT(e.text, HasSubstr("(state unknown: "));
  EXPECT_THAT(e.text, HasSubstr("created by main thread in Inside.LeavesAThread"));
}

TEST_P(Without, ACleanTestIsClean) {
  for (const char* test : {"IsClean", "HasAHelperOfGlibcs"}) {
    const ended e = run_without(GetParam(), test);
    if (e.code == not_possible_here) GTEST_SKIP() << "not possible here";
    EXPECT_EQ(e.code, 0) << e.text;
  }
}

INSTANTIATE_TEST_SUITE_P(Something, Without,
                         testing::Values("descriptors", "opening", "proc", "root", "pid_namespace", "tracing"),
                         [](const auto& what) { return std::string(what.param); });

TEST(WithoutTracing, AThreadThatPollsIsNotWoken) {
  const ended e = run_without("tracing", "LeavesOneThatPolls");
  if (e.code == not_possible_here) GTEST_SKIP() << "not possible here";
  EXPECT_EQ(e.code, 1) << e.text;
  EXPECT_THAT(e.text, HasSubstr("[unknown, "));
  EXPECT_THAT(e.text, HasSubstr("asleep, and the kernel does not tell in what call"));
}

}  // namespace

int main(int count, char** arguments) {
  for (int i = 1; i < count; ++i)
    if (const std::string_view a = arguments[i]; a.starts_with("--without=") && !take_away(a.substr(10), arguments))
      return not_possible_here;
  testing::GTEST_FLAG(filter) = "-Inside.*";
  testing::InitGoogleTest(&count, arguments);
  return taskleak::verify_test_main();
}
