// SPDX-License-Identifier: MIT
/// \file Forks in a program whose own handlers of pthread_atfork() make and join threads, as OpenBLAS's do, and forks that come
/// while another thread holds a lock of the registry.
#include <taskleak/detail/platform/process_memory.hpp>
#include <taskleak/detail/probe/coroutine/table.hpp>
#include <taskleak/detail/probe/thread/thread_record.hpp>
#include <taskleak/snapshot.hpp>

#include "../sleeper.hpp"
#include "parked_thread.hpp"

#include <utility>
#include <vector>

#include <pthread.h>
#include <sys/wait.h>

namespace {

using namespace unit;
using tests::sleep_on;
using tests::sleeper;

/// With one more than there are slots in so many blocks, so that a new one has to be opened.
void make_coroutines(std::size_t blocks = 1) {
  std::vector<sleeper> sleepers;
  for (std::size_t i = 0; i <= blocks * taskleak::detail::coroutine_block::capacity; ++i) sleepers.push_back(sleep_on());
}

/// Detaches a thread, and waits until the kernel has it no more: glibc 2.36 takes a process whose last other thread is on its way
/// out for one with a single thread, and fork() leaves the allocator's lock held that this thread has.
void detach_a_thread() {
  told_tid tid;
  std::thread([&tid] { tid.tell(); }).detach();
  const int gone = tid.get();
  until([gone] { return syscall(SYS_tgkill, getpid(), gone, 0) != 0; });
}

void use_all_that_is_tracked() {
  std::thread([] { make_coroutines(); }).join();
  detach_a_thread();
  make_coroutines();
  static_cast<void>(taskleak::task_count());
  const taskleak::snapshot now;
}

/// Calls of handlers in this process.
std::atomic<int> calls{0};
std::atomic<bool> handlers_are_active{false};

/// A thread that is ended before a fork and made again after it, in parent and child. Each `Which` has functions of its own,
/// since a handler may be registered at several times.
template <int Which>
class pool {
 public:
  static void register_handlers() { pthread_atfork(&stop, &start, &start); }

  static void end() {
    if (!worker) return;
    leave.store(true);
    leave.notify_all();
    worker->join();
    delete std::exchange(worker, nullptr);
  }

 private:
  static void stop() {
    if (!handlers_are_active) return;
    ++calls;
    use_all_that_is_tracked();
    end();
  }
  static void start() {
    if (!handlers_are_active) return;
    ++calls;
    use_all_that_is_tracked();
    leave.store(false);
    worker = new std::thread([] { leave.wait(false); });
  }

  static inline std::atomic<bool> leave{false};
  static inline std::thread* worker = nullptr;
};

/// The dynamic linker calls what is in here before any constructor, also those of libraries.
[[gnu::used, gnu::section(".preinit_array")]] void (*const before_everything)() = &pool<0>::register_handlers;
[[gnu::constructor(101)]] void among_the_first() { pool<1>::register_handlers(); }
[[gnu::used]] const bool among_static_objects = (pool<2>::register_handlers(), true);

struct with_handlers {
  with_handlers() {
    static const bool at_run_time = (pool<3>::register_handlers(), true);
    static_cast<void>(at_run_time);
    handlers_are_active = true;
  }
  ~with_handlers() {
    handlers_are_active = false;
    pool<0>::end();
    pool<1>::end();
    pool<2>::end();
    pool<3>::end();
  }
};

/// The child's exit code; it has a minute, after which it is killed.
template <class Body>
int run_child(Body body) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    _exit(body());
  }
  int status = -1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(ForkHandlers, MayMakeAndJoinThreadsWhereverTheyWereRegistered) {
  const with_handlers active;
  for (int i = 1; i <= 20; ++i) {
    EXPECT_EQ(run_child([] { return calls.load() - 4; }), i * 8 - 4) << "each of four handlers before the fork and in the child";
    EXPECT_EQ(calls, i * 8);
  }
}

TEST(ForkHandlers, RunBesideThreadsThatForkAtTheSameTime) {
  const with_handlers active;
  std::atomic<int> good{0};
  {
    std::vector<std::jthread> makers;
    for (int m = 0; m < 2; ++m)
      makers.emplace_back([&] {
        for (int i = 0; i < 50; ++i) use_all_that_is_tracked();
      });
    for (int i = 0; i < 50; ++i)
      good += run_child([] {
                use_all_that_is_tracked();
                return 0;
              }) == 0;
  }
  EXPECT_EQ(good, 50);
}

/// Forks while another thread is between the two calls of `locked`, and has the child use what the lock guards.
template <class Hold, class Release, class Body>
int run_child_while(Hold hold, Release release, Body body) {
  gate is_held;
  gate may_release;
  std::thread holder([&] {
    hold();
    is_held.open();
    may_release.wait();
    release();
  });
  is_held.wait();
  const int code = run_child(body);
  may_release.open();
  holder.join();
  return code;
}

TEST(ForkUnderLocks, AChildMakesCoroutinesWhenATableOfThemWasLocked) {
  make_coroutines();  // this thread has a table
  const int code = run_child_while(
      [] {
        for (auto* t = taskleak::detail::all_coroutines.first(); t; t = t->next) t->lock.lock();
      },
      [] {
        for (auto* t = taskleak::detail::all_coroutines.first(); t; t = t->next) t->lock.unlock();
      },
      [] {
        make_coroutines(10);  // there are free slots in two
        return 0;
      });
  EXPECT_EQ(code, 0);
}

TEST(ForkUnderLocks, AChildTakesMemoryWhenTheListOfItWasLocked) {
  const int code = run_child_while([] { taskleak::detail::own_pages.lock(); }, [] { taskleak::detail::own_pages.unlock(); },
                                   [] {
                                     make_coroutines(10);
                                     return 0;
                                   });
  EXPECT_EQ(code, 0);
}

TEST(ForkUnderLocks, AChildMakesJoinsAndDetachesThreadsWhenTheRegistryWasLocked) {
  const int code =
      run_child_while([] { taskleak::detail::the_registry.lock_all(); }, [] { taskleak::detail::the_registry.unlock_all(); },
                      [] {
                        use_all_that_is_tracked();
                        std::jthread named([] {});
                        pthread_setname_np(named.native_handle(), "named");
                        taskleak::guard guard;
                        return guard.check() && taskleak::verify_none() && taskleak::find().empty() ? 0 : 1;
                      });
  EXPECT_EQ(code, 0);
}

TEST(ForkUnderLocks, AChildJoinsAThreadWhoseBucketWasLocked) {
  held_thread thread;
  thread.tid();
  int code = -1;
  // the fork itself happens under the lock, so the child finds it held
  taskleak::detail::threads_by_handle.with(thread.thread().native_handle(), [&](const taskleak::detail::thread_record& r) {
    const pthread_t handle = r.handle.load_relaxed();
    code = run_child([handle] {
      pthread_setname_np(pthread_self(), "child");
      pthread_tryjoin_np(handle, nullptr);
      return 0;
    });
  });
  EXPECT_EQ(code, 0);
}

TEST(ForkUnderLocks, AThreadThatForkedMayEndInTheChild) {
  gate may_fork, child_has_ended;
  int code = -1;
  std::thread forks([&] {
    may_fork.wait();
    code = run_child([]() -> int { pthread_exit(nullptr); });
    child_has_ended.open();
  });
  taskleak::detail::the_registry.lock_all();
  may_fork.open();
  // `forks` is not joined under the lock: what it has to do at its end needs it
  child_has_ended.wait();
  taskleak::detail::the_registry.unlock_all();
  forks.join();
  EXPECT_EQ(code, 0);
}

}  // namespace
