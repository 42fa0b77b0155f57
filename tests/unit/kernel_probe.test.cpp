// SPDX-License-Identifier: MIT
/// \file Threads that no hook saw: made by the system call itself, and by libc for its own use.
#include <taskleak/detail/platform/proc_file.hpp>
#include <taskleak/detail/platform/task_directory.hpp>

#include "parked_thread.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <aio.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <netdb.h>
#include <sched.h>
#include <sys/mman.h>

namespace {

using namespace unit;
using testing::SizeIs;

constexpr const char* helper = "glibc's helper thread";

/// A thread made by clone(2): it has no thread-local storage of its own, so it does nothing but system calls.
class bare_thread {
 public:
  bare_thread() {
    constexpr int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_PARENT_SETTID |
                          CLONE_CHILD_CLEARTID;
    tid_ = clone(&wait_in_clone, stack_.get() + stack_size, flags, this, &alive_, nullptr, &alive_);
  }
  ~bare_thread() {
    __atomic_store_n(&open_, 1u, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, &open_, FUTEX_WAKE, 1, nullptr, nullptr, 0);
    // the kernel clears the word when the thread is gone
    for (int alive; (alive = __atomic_load_n(&alive_, __ATOMIC_SEQ_CST)) != 0;)
      syscall(SYS_futex, &alive_, FUTEX_WAIT, alive, nullptr, nullptr, 0);
  }
  bare_thread(const bare_thread&) = delete;
  bare_thread& operator=(const bare_thread&) = delete;
  int tid() const { return tid_; }

 private:
  static constexpr std::size_t stack_size = 64 * 1024;

  __attribute__((noinline, no_sanitize("thread", "address", "undefined"))) static int wait_in_clone(void* self) {
    const auto& t = *static_cast<bare_thread*>(self);
    while (__atomic_load_n(&t.open_, __ATOMIC_SEQ_CST) == 0) syscall(SYS_futex, &t.open_, FUTEX_WAIT, 0, nullptr, nullptr, 0);
    return 0;
  }

  std::unique_ptr<char[]> stack_ = std::make_unique<char[]>(stack_size);
  unsigned open_ = 0;
  int alive_ = 0;
  int tid_ = 0;
};

/// Until every thread that the kernel has is one the registry knows, or the test's own.
void until_kernel_has_only(std::size_t threads) {
  until([&] { return taskleak::task_count() == threads; });
}

TEST(KernelProbe, FindsAThreadMadeByTheSystemCall) {
  {
    bare_thread thread;
    ASSERT_GT(thread.tid(), 0);
    const taskleak::straggler found = parked_thread(thread.tid());
    EXPECT_EQ(found.created_by, "unknown");
    EXPECT_TRUE(found.creation_stack.empty());
    EXPECT_EQ(found.state, taskleak::state::futex_wait);
    EXPECT_TRUE(has_function(found.stack, "wait_in_clone")) << in_words(found);
    EXPECT_EQ(taskleak::task_count(), 1u);
  }
  until_kernel_has_only(0);
  EXPECT_TRUE(taskleak::find(at_once).empty());
}

TEST(KernelProbe, TellsAnUnannouncedThreadFromAnnouncedOnes) {
  held_thread announced("announced");
  announced.tid();
  bare_thread bare;
  held_thread announced_later("later");
  parked_thread(announced_later.tid());
  parked_thread(announced.tid());
  const taskleak::report found = taskleak::find(at_once);
  ASSERT_THAT(found.stragglers, SizeIs(3));
  int unknown = 0;
  for (const taskleak::straggler& s : found.stragglers) {
    EXPECT_EQ(s.created_by == "unknown", s.id == static_cast<std::uint64_t>(bare.tid()));
    unknown += s.created_by == "unknown";
  }
  EXPECT_EQ(unknown, 1);
}

TEST(KernelProbe, LeavesAnUnannouncedThreadOfASnapshotOut) {
  bare_thread before;
  until_kernel_has_only(1);
  const taskleak::snapshot earlier;
  bare_thread after;
  const taskleak::report found = taskleak::find({taskleak::ignore_current(earlier), at_once});
  ASSERT_THAT(found.stragglers, SizeIs(1));
  EXPECT_EQ(found.stragglers[0].id, static_cast<std::uint64_t>(after.tid()));
}

// What nobody announced has no scope: it is reported with the scope in which it turned up.
TEST(KernelProbe, AGuardReportsAnUnannouncedThreadThatTurnedUpUnderIt) {
  std::unique_ptr<bare_thread> thread;
  EXPECT_NONFATAL_FAILURE(
      {
        taskleak::guard guard(at_once);
        thread = std::make_unique<bare_thread>();
      },
      "created by unknown");
  thread.reset();
  until_kernel_has_only(0);
}

/// Looks until the helper has been ignored for the reason given; no look may report it.
void expect_ignored_helper(const taskleak::report& found) {
  EXPECT_TRUE(found.empty()) << to_text(found);
  ASSERT_THAT(found.ignored, SizeIs(testing::Ge(1u)));
  for (const taskleak::ignored_task& ignored : found.ignored) EXPECT_EQ(ignored.reason, helper);
}

TEST(KernelProbe, IgnoresTheHelperOfATimer) {
  timer_t timer;
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD;
  event.sigev_notify_function = [](sigval) {};
  ASSERT_EQ(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
  expect_ignored_helper(taskleak::find(at_once));
  timer_delete(timer);
}

TEST(KernelProbe, IgnoresTheHelperOfAsynchronousReads) {
  std::array<int, 2> ends;
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  char byte = 0;
  aiocb request{};
  request.aio_fildes = ends[0];
  request.aio_buf = &byte;
  request.aio_nbytes = 1;
  ASSERT_EQ(aio_read(&request), 0);
  expect_ignored_helper(taskleak::find(at_once));
  ASSERT_EQ(write(ends[1], "x", 1), 1);
  const aiocb* const wanted[] = {&request};
  until([&] { return aio_suspend(wanted, 1, nullptr) == 0 && aio_error(&request) != EINPROGRESS; });
  EXPECT_EQ(aio_return(&request), 1);
  for (int end : ends) close(end);
}

TEST(KernelProbe, IgnoresTheHelperOfAsynchronousLookUps) {
  taskleak::report found;
  // the helper idles for a second after a look-up, and is gone then
  until([&] {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST;
    gaicb request{};
    request.ar_name = "127.0.0.1";
    request.ar_request = &hints;
    gaicb* requests[] = {&request};
    if (getaddrinfo_a(GAI_WAIT, requests, 1, nullptr) != 0) return false;
    freeaddrinfo(request.ar_result);
    found = taskleak::find(at_once);
    return !found.ignored.empty() || !found.empty();
  });
  expect_ignored_helper(found);
}

/// A thread that the kernel makes for a ring of io_uring(7): its worker for a read from an empty pipe, or its poller.
class ring_thread {
 public:
  explicit ring_thread(unsigned flags) {
    io_uring_params given{};
    given.flags = flags;
    ring_ = static_cast<int>(syscall(SYS_io_uring_setup, 1, &given));
    if (!is_there() || pipe2(pipe_.data(), O_CLOEXEC) != 0) return;
    auto* const rings = static_cast<char*>(map(given.sq_off.array + given.sq_entries * sizeof(unsigned), IORING_OFF_SQ_RING));
    auto* const entry = static_cast<io_uring_sqe*>(map(given.sq_entries * sizeof(io_uring_sqe), IORING_OFF_SQES));
    entry->opcode = IORING_OP_READ;
    entry->fd = pipe_[0];
    entry->addr = reinterpret_cast<std::uintptr_t>(&byte_);
    entry->len = 1;
    entry->flags = IOSQE_ASYNC;
    __atomic_store_n(reinterpret_cast<unsigned*>(rings + given.sq_off.tail), 1u, __ATOMIC_RELEASE);
    if (flags == 0) syscall(SYS_io_uring_enter, ring_, 1, 0, 0, nullptr, 0);
    until([] { return kernel_has_made_a_thread(); });
  }
  ~ring_thread() {
    for (const auto& [start, bytes] : maps_) munmap(start, bytes);
    for (int fd : {ring_, pipe_[0], pipe_[1]})
      if (fd >= 0) close(fd);
    until([] { return !kernel_has_made_a_thread(); });
  }
  ring_thread(const ring_thread&) = delete;
  ring_thread& operator=(const ring_thread&) = delete;
  bool is_there() const { return ring_ >= 0; }

 private:
  static bool kernel_has_made_a_thread() {
    taskleak::detail::light_vector<int> tids;
    taskleak::detail::own_tasks.list(tids);
    return std::any_of(tids.begin(), tids.end(), [](int tid) {
      const auto stat = taskleak::detail::read_thread_stat(tid);
      return stat && stat->is_of_kernel();
    });
  }
  void* map(std::size_t bytes, off_t what) {
    void* const made = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, ring_, what);
    maps_.emplace_back(made, bytes);  // each keeps the ring
    return made;
  }

  int ring_ = -1;
  std::vector<std::pair<void*, std::size_t>> maps_;
  std::array<int, 2> pipe_{-1, -1};
  char byte_ = 0;
};

// They run none of the program's code, and the kernel shows them among its threads.
TEST(KernelProbe, TheKernelsOwnThreadsOfARingAreNoTasks) {
  for (const unsigned flags : {0u, unsigned{IORING_SETUP_SQPOLL}}) {
    taskleak::guard guard(at_once);
    const ring_thread ring(flags);
    if (!ring.is_there()) GTEST_SKIP() << "io_uring is not allowed here";
    EXPECT_TRUE(taskleak::find(at_once).empty());
    EXPECT_TRUE(guard.check());
  }
}

// Each is too young to count whenever it is looked at.
TEST(KernelProbe, ACheckEndsWhileUnannouncedThreadsComeAndGo) {
  held_thread parked;
  until_parked_in(parked.tid(), SYS_futex);
  std::atomic<bool> over{false};
  std::thread maker([&] {
    std::array<std::unique_ptr<bare_thread>, 8> some;
    for (std::size_t i = 0; !over; ++i) some[i % some.size()] = std::make_unique<bare_thread>();
  });
  const taskleak::report found = taskleak::find(at_once);
  EXPECT_TRUE(std::any_of(found.stragglers.begin(), found.stragglers.end(),
                          [&](const taskleak::straggler& s) { return s.id == static_cast<std::uint64_t>(parked.tid()); }));
  over = true;
  maker.join();
}

}  // namespace
