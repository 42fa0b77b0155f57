// SPDX-License-Identifier: MIT
/// \file Every way to make, name, end, join and detach a thread, and what the registry then holds.
#include <taskleak/detail/platform/changes.hpp>
#include <taskleak/detail/platform/proc_file.hpp>
#include <taskleak/detail/probe/thread/thread_life.hpp>

#include "parked_thread.hpp"
#include <gmock/gmock.h>

#include <cerrno>
#include <cstdint>
#include <ctime>
#include <functional>
#include <future>
#include <latch>
#include <new>

#include <dlfcn.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <threads.h>

namespace {

using namespace unit;
using testing::HasSubstr;
using testing::SizeIs;

std::size_t registered() { return taskleak::detail::the_registry.size(); }

/// What a held thread works with: its gate, and where it tells its id.
struct station {
  gate leave;
  told_tid tid;

  void wait() {
    tid.tell();
    leave.wait();
  }
};

void* wait_at(void* at) {
  static_cast<station*>(at)->wait();
  return at;
}

void* detach_itself(void*) {
  pthread_detach(pthread_self());
  return nullptr;
}

/// The thread is found as one that the main thread made in this test.
void expect_seen(const station& held) {
  const taskleak::straggler found = parked_thread(held.tid.get());
  EXPECT_EQ(found.created_by, "main thread");
  EXPECT_EQ(found.scope, this_test());
  const std::string body = testing::UnitTest::GetInstance()->current_test_info()->name() + std::string("_Test::TestBody()");
  EXPECT_TRUE(has_function(found.creation_stack, body)) << in_words(found);
  EXPECT_EQ(found.state, taskleak::state::condition_wait);
}

constexpr timespec in_the_past{1, 0};

timespec from_now(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  t.tv_sec += 3600;
  return t;
}

// ---- making

TEST(ThreadProbe, SeesAStdThread) {
  station held;
  std::thread thread([&] { held.wait(); });
  expect_seen(held);
  held.leave.open();
  thread.join();
  EXPECT_EQ(registered(), 0u);
}

TEST(ThreadProbe, SeesAStdJthread) {
  station held;
  {
    std::jthread thread([&] { held.wait(); });
    expect_seen(held);
    held.leave.open();
  }
  EXPECT_EQ(registered(), 0u);
}

TEST(ThreadProbe, SeesAsync) {
  station held;
  {
    auto result = std::async(std::launch::async, [&] { held.wait(); });
    expect_seen(held);
    held.leave.open();
  }
  EXPECT_EQ(registered(), 0u);
}

TEST(ThreadProbe, SeesTheThreadOfAPackagedTask) {
  station held;
  std::packaged_task<int()> task([&] {
    held.wait();
    return 7;
  });
  auto result = task.get_future();
  std::thread thread(std::move(task));
  expect_seen(held);
  held.leave.open();
  EXPECT_EQ(result.get(), 7);
  thread.join();
  EXPECT_EQ(registered(), 0u);
}

TEST(ThreadProbe, SeesAPosixThreadAndPassesItsResult) {
  station held;
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, nullptr, wait_at, &held), 0);
  expect_seen(held);
  held.leave.open();
  void* result = nullptr;
  EXPECT_EQ(pthread_join(thread, &result), 0);
  EXPECT_EQ(result, &held);
  EXPECT_EQ(registered(), 0u);
}

TEST(ThreadProbe, SeesADetachedPosixThreadAndForgetsItWhenItEnds) {
  station held;
  pthread_attr_t detached;
  pthread_attr_init(&detached);
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, &detached, wait_at, &held), 0);
  pthread_attr_destroy(&detached);
  expect_seen(held);
  held.leave.open();
  until_registry_is_empty();
}

TEST(ThreadProbe, SeesAC11ThreadAndPassesItsResult) {
  station held;
  thrd_t thread;
  ASSERT_EQ(thrd_create(
                &thread,
                [](void* at) {
                  static_cast<station*>(at)->wait();
                  return -42;
                },
                &held),
            thrd_success);
  expect_seen(held);
  held.leave.open();
  int result = 0;
  EXPECT_EQ(thrd_join(thread, &result), thrd_success);
  EXPECT_EQ(result, -42);
  EXPECT_EQ(registered(), 0u);
}

TEST(ThreadProbe, ForgetsAC11ThreadThatIsDetached) {
  station held;
  thrd_t thread;
  ASSERT_EQ(thrd_create(
                &thread, [](void* at) { return wait_at(at) ? 0 : 1; }, &held),
            thrd_success);
  EXPECT_EQ(thrd_detach(thread), thrd_success);
  held.tid.get();
  EXPECT_EQ(registered(), 1u);
  held.leave.open();
  until_registry_is_empty();
}

TEST(ThreadProbe, SaysWhichThreadMadeAThread) {
  station outer, inner;
  std::thread thread([&] {
    std::thread child([&] { inner.wait(); });
    outer.wait();
    child.join();
  });
  const taskleak::straggler found = parked_thread(inner.tid.get());
  EXPECT_EQ(found.created_by, "thread " + std::to_string(outer.tid.get()));
  EXPECT_EQ(found.scope, this_test()) << "a child is charged as its creator is";
  ASSERT_EQ(found.ancestry.size(), 2u);
  EXPECT_EQ(found.ancestry[0].id, static_cast<std::uint64_t>(outer.tid.get()));
  EXPECT_FALSE(found.ancestry[0].has_ended);
  EXPECT_TRUE(found.ancestry[1].is_main);
  inner.leave.open();
  outer.leave.open();
  thread.join();
}

TEST(ThreadProbe, SaysThatAThreadWhichMadeAThreadHasEnded) {
  station inner;
  std::thread child;
  int maker = 0;
  std::thread([&] {
    maker = own_tid();
    child = std::thread([&] { inner.wait(); });
  }).join();
  parked_thread(inner.tid.get());
  until([&] { return syscall(SYS_tgkill, getpid(), maker, 0) != 0; });
  const taskleak::straggler found = parked_thread(inner.tid.get());
  ASSERT_EQ(found.ancestry.size(), 2u);
  EXPECT_TRUE(found.ancestry[0].has_ended);
  EXPECT_TRUE(found.ancestry[1].is_main);
  EXPECT_THAT(in_words(found), testing::HasSubstr("    created by thread " + std::to_string(maker) +
                                                  ", which ended, created by main thread in " + this_test() + '\n'));
  inner.leave.open();
  child.join();
}

TEST(ThreadProbe, HoldsNothingOfAThreadTheSystemRefuses) {
  pthread_attr_t absurd;
  pthread_attr_init(&absurd);
  ASSERT_EQ(pthread_attr_setstacksize(&absurd, std::size_t{1} << 50), 0);
  pthread_t thread;
  station never;
  EXPECT_NE(pthread_create(&thread, &absurd, wait_at, &never), 0);
  pthread_attr_destroy(&absurd);
  EXPECT_EQ(registered(), 0u);
  EXPECT_EQ(taskleak::detail::running_threads.load_acquire(), 0);
}

void* unmap_page(void* page) { return munmap(page, 4096) == 0 ? page : nullptr; }

// A thread may free the memory of its own handle before pthread_create returns: here a read of it would crash.
TEST(ThreadProbe, DoesNotReadTheHandleAfterTheThreadHasStarted) {
  pthread_attr_t detached;
  pthread_attr_init(&detached);
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  for (int i = 0; i < 300; ++i) {
    void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(page, MAP_FAILED);
    pthread_t* const handle = new (page) pthread_t;
    ASSERT_EQ(pthread_create(handle, &detached, unmap_page, page), 0);
  }
  pthread_attr_destroy(&detached);
  until_registry_is_empty();
}

// ---- ending

TEST(ThreadProbe, ReportsAThreadThatEndedAndWasNeverJoinedUntilItIs) {
  std::thread thread([] {});
  const taskleak::detail::thread_record* record = nullptr;
  until([&] {
    taskleak::detail::threads_by_handle.with(thread.native_handle(), [&](taskleak::detail::thread_record& r) { record = &r; });
    return record && (record->events.load_acquire() & taskleak::detail::thread_event::finished);
  });
  const taskleak::report found = taskleak::find(at_once);
  ASSERT_THAT(found.stragglers, SizeIs(1));
  EXPECT_EQ(found.stragglers[0].state, taskleak::state::finished_never_joined);
  EXPECT_EQ(found.stragglers[0].state_text, "finished never joined");
  EXPECT_TRUE(found.stragglers[0].stack.empty());
  EXPECT_TRUE(has_function(found.stragglers[0].creation_stack, "ReportsAThreadThatEndedAndWasNeverJoinedUntilItIs_Test"));
  thread.join();
  EXPECT_TRUE(taskleak::find(at_once).empty());
}

TEST(ThreadProbe, ForgetsAThreadThatIsDetachedAfterItEnded) {
  std::thread thread([] {});
  until([] { return taskleak::detail::running_threads.load_acquire() == 0; });
  EXPECT_EQ(registered(), 1u);
  thread.detach();
  until_registry_is_empty();
}

TEST(ThreadProbe, ForgetsAThreadThatDetachesItself) {
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, nullptr, detach_itself, nullptr), 0);
  until_registry_is_empty();
}

/// Calls its body when a thread that has called use() ends: as a destructor of thread-specific data, in one of its rounds.
class at_thread_end {
 public:
  explicit at_thread_end(std::function<void()> body, int round = 1) : body_(std::move(body)), rounds_to_go_(round) {
    std::thread([] {}).join();  // taskleak's own key is older, so its destructor runs before this one in each round
    pthread_key_create(&key_, [](void* self) { static_cast<at_thread_end*>(self)->end_round(); });
  }
  ~at_thread_end() { pthread_key_delete(key_); }
  at_thread_end(const at_thread_end&) = delete;
  at_thread_end& operator=(const at_thread_end&) = delete;

  void use() { pthread_setspecific(key_, this); }

 private:
  void end_round() { --rounds_to_go_ == 0 ? body_() : use(); }

  std::function<void()> body_;
  int rounds_to_go_;
  pthread_key_t key_{};
};

/// A thread that has ended but for what waits at the station.
template <class Thread>
void expect_one_parked_thread(station& at, Thread&& thread) {
  until_parked_in(at.tid.get(), SYS_futex);
  // longer than a thread that nobody announced may take to end
  const taskleak::report found = taskleak::find(taskleak::wait_up_to(std::chrono::milliseconds(500)));
  at.leave.open();
  thread.join();
  ASSERT_THAT(found.stragglers, SizeIs(1)) << taskleak::to_text(found);
  EXPECT_EQ(found.stragglers[0].id, static_cast<std::uint64_t>(at.tid.get()));
  EXPECT_EQ(found.stragglers[0].state, taskleak::state::condition_wait);
  EXPECT_EQ(found.stragglers[0].scope, this_test());
}

TEST(ThreadProbe, SeesAThreadThatParksInADestructorOfThreadSpecificDataOnce) {
  for (const int round : {1, 2, 3, 4}) {
    station at;
    at_thread_end parks([&] { at.wait(); }, round);
    expect_one_parked_thread(at, std::thread([&] { parks.use(); }));
  }
  EXPECT_EQ(registered(), 0u);
}

TEST(ThreadProbe, SeesADetachedThreadThatParksInADestructorOfThreadSpecificData) {
  station at;
  at_thread_end parks([&] { at.wait(); });
  std::thread([&] { parks.use(); }).detach();
  struct until_gone {
    void join() {
      until([] { return registered() == 0; });
    }
  };
  expect_one_parked_thread(at, until_gone());
}

TEST(ThreadProbe, SeesAThreadThatParksInADestructorOfAThreadLocal) {
  static station at;
  struct parks {
    bool used = false;
    ~parks() { at.wait(); }
  };
  expect_one_parked_thread(at, std::thread([] {
                             static thread_local parks one;
                             one.used = true;
                           }));
}

TEST(ThreadProbe, SeesAThreadThatParksInACleanupHandler) {
  station at;
  expect_one_parked_thread(at, std::thread([&] {
                             pthread_cleanup_push([](void* s) { static_cast<station*>(s)->wait(); }, &at);
                             pthread_exit(nullptr);
                             pthread_cleanup_pop(0);
                           }));
}

TEST(ThreadProbe, ChargesWhatAThreadMakesAtItsEndToTheTestAsWell) {
  for (const int round : {1, 2}) {
    station at;
    std::thread made;
    at_thread_end makes([&] { made = std::thread([&] { at.wait(); }); }, round);
    std::thread([&] { makes.use(); }).join();
    expect_one_parked_thread(at, made);
  }
}

TEST(ThreadProbe, ChargesWhatTheDestructorOfAThreadLocalMakesToTheTestAsWell) {
  static station at;
  static std::thread made;
  struct makes {
    bool used = false;
    ~makes() {
      made = std::thread([] { at.wait(); });
    }
  };
  std::thread([] {
    static thread_local makes one;
    one.used = true;
  }).join();
  std::thread thread = std::move(made);  // a static object would own the thread, which is then no straggler
  expect_one_parked_thread(at, thread);
}

TEST(ThreadProbe, PassesTheResultOfPthreadExit) {
  pthread_t thread;
  int answer = 0;
  ASSERT_EQ(pthread_create(
                &thread, nullptr, [](void* p) -> void* { pthread_exit(p); }, &answer),
            0);
  void* result = nullptr;
  EXPECT_EQ(pthread_join(thread, &result), 0);
  EXPECT_EQ(result, &answer);
  EXPECT_EQ(registered(), 0u);
}

TEST(ThreadProbe, ForgetsAThreadThatWasCancelled) {
  told_tid tid;
  pthread_t thread;
  ASSERT_EQ(pthread_create(
                &thread, nullptr,
                [](void* t) -> void* {
                  static_cast<told_tid*>(t)->tell();
                  for (;;) pause();
                },
                &tid),
            0);
  until_parked_in(tid.get(), call_of_pause);
  ASSERT_EQ(pthread_cancel(thread), 0);
  void* result = nullptr;
  EXPECT_EQ(pthread_join(thread, &result), 0);
  EXPECT_EQ(result, PTHREAD_CANCELED);
  EXPECT_EQ(registered(), 0u);
}

TEST(ThreadProbe, KeepsTheThreadThatACancelledOneWasJoining) {
  struct joiner {
    pthread_t joined;
    told_tid tid;
  };
  station held;
  joiner at;
  ASSERT_EQ(pthread_create(&at.joined, nullptr, wait_at, &held), 0);
  pthread_t thread;
  ASSERT_EQ(pthread_create(
                &thread, nullptr,
                [](void* p) -> void* {
                  auto& j = *static_cast<joiner*>(p);
                  j.tid.tell();
                  pthread_join(j.joined, nullptr);
                  return nullptr;
                },
                &at),
            0);
  until_parked_in(at.tid.get(), SYS_futex);
  ASSERT_EQ(pthread_cancel(thread), 0);
  void* result = nullptr;
  EXPECT_EQ(pthread_join(thread, &result), 0);
  EXPECT_EQ(result, PTHREAD_CANCELED);
  EXPECT_EQ(registered(), 1u);
  EXPECT_TRUE(find_thread(held.tid.get()));
  held.leave.open();
  EXPECT_EQ(pthread_join(at.joined, nullptr), 0);
  EXPECT_EQ(registered(), 0u);
}

TEST(ThreadProbe, ForgetsAJoinedThreadThatLeftByTheExitSystemCall) {
  pthread_t thread;
  ASSERT_EQ(pthread_create(
                &thread, nullptr,
                [](void*) -> void* {
                  syscall(SYS_exit, 0);
                  return nullptr;
                },
                nullptr),
            0);
  EXPECT_EQ(pthread_join(thread, nullptr), 0);
  EXPECT_EQ(registered(), 0u);
  EXPECT_EQ(taskleak::detail::running_threads.load_acquire(), 0);
}

TEST(ThreadProbe, ReportsAThreadThatLeftByTheExitSystemCallAndWasNeverJoined) {
  told_tid tid;
  pthread_t thread;
  ASSERT_EQ(pthread_create(
                &thread, nullptr,
                [](void* t) -> void* {
                  static_cast<told_tid*>(t)->tell();
                  syscall(SYS_exit, 0);
                  return nullptr;
                },
                &tid),
            0);
  until([&] { return !taskleak::detail::read_thread_stat(tid.get()); });
  const taskleak::report found = taskleak::find(at_once);
  ASSERT_THAT(found.stragglers, SizeIs(1));
  EXPECT_EQ(found.stragglers[0].state, taskleak::state::finished_never_joined);
  EXPECT_EQ(pthread_join(thread, nullptr), 0);
  EXPECT_EQ(registered(), 0u);
  EXPECT_EQ(taskleak::detail::running_threads.load_acquire(), 0);
}

TEST(ThreadProbe, ForgetsADetachedThreadThatLeftByTheExitSystemCall) {
  told_tid tid;
  pthread_attr_t detached;
  pthread_attr_init(&detached);
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  ASSERT_EQ(pthread_create(
                &thread, &detached,
                [](void* t) -> void* {
                  static_cast<told_tid*>(t)->tell();
                  syscall(SYS_exit, 0);
                  return nullptr;
                },
                &tid),
            0);
  pthread_attr_destroy(&detached);
  until([&] { return !taskleak::detail::read_thread_stat(tid.get()); });
  EXPECT_TRUE(taskleak::find(at_once).empty());
  EXPECT_EQ(registered(), 0u);
  EXPECT_EQ(taskleak::detail::running_threads.load_acquire(), 0);
}

// ---- joining with and without success

TEST(ThreadProbe, KeepsAThreadThatTryjoinFoundBusy) {
  station held;
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, nullptr, wait_at, &held), 0);
  EXPECT_EQ(pthread_tryjoin_np(thread, nullptr), EBUSY);
  EXPECT_EQ(registered(), 1u);
  held.leave.open();
  void* result = nullptr;
  until([&] { return pthread_tryjoin_np(thread, &result) == 0; });
  EXPECT_EQ(result, &held);
  EXPECT_EQ(registered(), 0u);
}

TEST(ThreadProbe, KeepsAThreadThatTimedjoinGaveUpOn) {
  station held;
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, nullptr, wait_at, &held), 0);
  EXPECT_EQ(pthread_timedjoin_np(thread, nullptr, &in_the_past), ETIMEDOUT);
  EXPECT_EQ(registered(), 1u);
  held.leave.open();
  const timespec later = from_now(CLOCK_REALTIME);
  void* result = nullptr;
  EXPECT_EQ(pthread_timedjoin_np(thread, &result, &later), 0);
  EXPECT_EQ(result, &held);
  EXPECT_EQ(registered(), 0u);
}

TEST(ThreadProbe, KeepsAThreadThatClockjoinGaveUpOn) {
  station held;
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, nullptr, wait_at, &held), 0);
  EXPECT_EQ(pthread_clockjoin_np(thread, nullptr, CLOCK_MONOTONIC, &in_the_past), ETIMEDOUT);
  EXPECT_EQ(registered(), 1u);
  held.leave.open();
  const timespec later = from_now(CLOCK_MONOTONIC);
  void* result = nullptr;
  EXPECT_EQ(pthread_clockjoin_np(thread, &result, CLOCK_MONOTONIC, &later), 0);
  EXPECT_EQ(result, &held);
  EXPECT_EQ(registered(), 0u);
}

TEST(ThreadProbe, RefusesToJoinItselfAsLibcDoes) {
  EXPECT_EQ(pthread_join(pthread_self(), nullptr), EDEADLK);
  EXPECT_EQ(registered(), 0u);
}

// ---- names

TEST(ThreadProbe, ShowsTheNameAThreadGivesItself) {
  held_thread thread("feed");
  EXPECT_EQ(parked_thread(thread.tid()).name, "feed");
}

TEST(ThreadProbe, ShowsTheNameAnotherThreadGives) {
  held_thread thread;
  EXPECT_EQ(pthread_setname_np(thread.thread().native_handle(), "renamed"), 0);
  EXPECT_EQ(parked_thread(thread.tid()).name, "renamed");
}

TEST(ThreadProbe, KeepsTheNameWhenANewOneIsTooLong) {
  held_thread thread("short");
  parked_thread(thread.tid());
  EXPECT_EQ(pthread_setname_np(thread.thread().native_handle(), "sixteen letters!"), ERANGE);
  EXPECT_EQ(parked_thread(thread.tid()).name, "short");
}

TEST(ThreadProbe, RemembersTheNameOfAFinishedThread) {
  std::thread by_pthread([] { pthread_setname_np(pthread_self(), "by pthread"); });
  until([] { return taskleak::detail::running_threads.load_acquire() == 0; });
  std::thread by_prctl([] { prctl(PR_SET_NAME, "by prctl"); });
  until([] { return taskleak::detail::running_threads.load_acquire() == 0; });
  const taskleak::report found = taskleak::find(at_once);
  ASSERT_THAT(found.stragglers, SizeIs(2));
  EXPECT_EQ(found.stragglers[0].name, "by pthread");
  EXPECT_EQ(found.stragglers[1].name, "by prctl");
  by_pthread.join();
  by_prctl.join();
}

// ---- handles

/// Ends a thread by `end` once the caller sleeps until the end of a task; without a wake-up the caller sleeps on.
template <class End>
void expect_wake_up_by(End end) {
  const int sleeper = own_tid();
  const std::uint32_t seen = taskleak::detail::task_ended.start_watching();
  std::thread ends([&] {
    until_parked_in(sleeper, SYS_futex);
    end();
    eternal_gate().wait();  // its own end is not to be the one that wakes
  });
  constexpr std::int64_t an_hour = std::int64_t{3600} * 1'000'000'000;
  while (taskleak::detail::task_ended.seen() == seen) taskleak::detail::task_ended.wait(seen, an_hour);
  taskleak::detail::task_ended.stop_watching();
  pthread_cancel(ends.native_handle());
  ends.join();
}

TEST(ThreadProbe, WakesAWaitingCheckAtAThreadsEnd) {
  gate leave;
  std::thread([&] { leave.wait(); }).detach();
  expect_wake_up_by([&] { leave.open(); });
  until([] { return registered() == 0; });
}

TEST(ThreadProbe, WakesAWaitingCheckWhenAFinishedThreadIsDetached) {
  std::thread finished([] {});
  until([] { return taskleak::find(at_once).stragglers.at(0).state == taskleak::state::finished_never_joined; });
  expect_wake_up_by([&] { finished.detach(); });
}

TEST(ThreadProbe, TellsAThreadFromAnEarlierOneWithTheSameHandle) {
  std::thread::native_handle_type first_handle{};
  {
    held_thread first("first");
    first_handle = first.thread().native_handle();
    EXPECT_EQ(parked_thread(first.tid()).name, "first");
  }
  held_thread second("second");
  EXPECT_EQ(second.thread().native_handle(), first_handle) << "libc gives the memory of the last thread to the next one";
  EXPECT_EQ(parked_thread(second.tid()).name, "second");
  EXPECT_EQ(registered(), 1u);
}

TEST(ThreadProbe, ForgetsAThreadWhoseJoinWasNotSeenWhenItsHandleComesAgain) {
  auto* const unseen_join = reinterpret_cast<int (*)(pthread_t, void**)>(dlsym(RTLD_NEXT, "pthread_join"));
  ASSERT_TRUE(unseen_join);
  pthread_t thread;
  ASSERT_EQ(pthread_create(
                &thread, nullptr, [](void* p) { return p; }, nullptr),
            0);
  ASSERT_EQ(unseen_join(thread, nullptr), 0);
  EXPECT_EQ(registered(), 1u);
  held_thread next;
  ASSERT_EQ(next.thread().native_handle(), thread);
  const taskleak::straggler found = parked_thread(next.tid());
  EXPECT_EQ(found.state, taskleak::state::condition_wait);
  EXPECT_EQ(registered(), 1u);
}

// ---- many

TEST(ThreadProbe, HoldsNothingAfter5000ThreadsWereMadeAndJoined) {
  for (int batch = 0; batch < 50; ++batch) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 100; ++i) threads.emplace_back([] {});
    for (std::thread& t : threads) t.join();
  }
  EXPECT_EQ(registered(), 0u);
  EXPECT_EQ(taskleak::detail::running_threads.load_acquire(), 0);
}

TEST(ThreadProbe, HoldsNothingAfterThreadsWereMadeJoinedAndDetachedSideBySide) {
  constexpr int makers = 4, each = 400;
  std::latch start(makers);
  std::vector<std::thread> threads;
  for (int m = 0; m < makers; ++m)
    threads.emplace_back([&] {
      start.arrive_and_wait();
      for (int i = 0; i < each; ++i) {
        if (i % 3 == 0) {
          std::thread([] {}).join();
        } else if (i % 3 == 1) {
          std::thread([] {}).detach();
        } else {
          pthread_t self_detaching;
          pthread_create(&self_detaching, nullptr, detach_itself, nullptr);
        }
      }
    });
  for (std::thread& t : threads) t.join();
  until_registry_is_empty();
  until([] { return taskleak::detail::running_threads.load_acquire() == 0; });
}

// On one processor most of them are detached before they run at all.
TEST(ThreadProbe, HoldsNothingAfterThreadsWereDetachedBeforeTheyRan) {
  cpu_set_t before, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  CPU_ZERO(&one);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &before)) {
      CPU_SET(cpu, &one);
      break;
    }
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  for (int i = 0; i < 2000; ++i) std::thread([] {}).detach();
  ASSERT_EQ(sched_setaffinity(0, sizeof before, &before), 0);
  until_registry_is_empty();
  until([] { return taskleak::detail::running_threads.load_acquire() == 0; });
}

}  // namespace
