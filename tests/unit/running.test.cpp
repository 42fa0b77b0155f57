// SPDX-License-Identifier: MIT
/// \file Threads that run while they are looked at, and threads that end meanwhile.
#include <taskleak/detail/probe/thread/thread_life.hpp>
#include <taskleak/detail/unwind/thread_stack.hpp>

#include "parked_thread.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>

#include <poll.h>
#include <sys/epoll.h>

namespace {

using namespace unit;

[[gnu::noinline]] void spin_here(const std::atomic<bool>& stop) {
  while (!stop.load(std::memory_order_relaxed)) asm volatile("" ::: "memory");
  asm volatile("" ::: "memory");
}

TEST(RunningThread, ShowsItsStackAndRunsOn) {
  std::atomic<bool> stop{false};
  told_tid tid;
  std::jthread thread([&] {
    tid.tell();
    spin_here(stop);
  });
  tid.get();
  std::optional<taskleak::straggler> found;
  until([&] {
    found = find_thread(tid.get());
    return found && has_function(found->stack, "spin_here");
  });
  EXPECT_EQ(found->state, taskleak::state::running);
  EXPECT_EQ(found->state_text, "running");
  EXPECT_EQ(found->stack_note, "");
  EXPECT_EQ(found->waits_on.kind, "");
  EXPECT_TRUE(has_function(found->stack, "taskleak_thread_start")) << in_words(*found);
  stop = true;  // and the join shows that the thread was let go
}

TEST(RunningThread, ThatBlocksAllSignalsIsFoundWithoutItsStackAndWithTheReason) {
  std::atomic<bool> stop{false};
  told_tid tid;
  std::jthread thread([&] {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    tid.tell();
    spin_here(stop);
  });
  tid.get();
  std::optional<taskleak::straggler> found;
  until([&] {
    found = find_thread(tid.get());
    return found && found->stack_note.find("does not take signals") != std::string::npos;
  });
  EXPECT_EQ(found->stack_note, "no stack: the thread is running and does not take signals");
  EXPECT_EQ(found->state, taskleak::state::running);
  EXPECT_TRUE(found->stack.empty());
  EXPECT_FALSE(found->creation_stack.empty());
  stop = true;
}

TEST(RunningThread, SurvivesLooksWhileItSwitchesBetweenRunningAndWaiting) {
  std::atomic<bool> stop{false};
  std::array<told_tid, 4> tids;
  std::array<std::atomic<unsigned>, 2> turns{};
  std::vector<std::jthread> threads;
  for (std::size_t t = 0; t < tids.size(); ++t)
    threads.emplace_back([&, t] {
      tids[t].tell();
      auto& mine = turns[t / 2];
      // two threads hand a turn to and fro, and work in between
      for (unsigned turn = t % 2; !stop; turn += 2) {
        for (unsigned seen = mine; seen != turn && !stop; seen = mine) mine.wait(seen);
        for (int work = 0; work < 1000; ++work) asm volatile("" ::: "memory");
        mine = turn + 1;
        mine.notify_all();
      }
    });
  unsigned with_stack = 0;
  for (int look = 0; look < 1000; ++look) {
    const auto at = taskleak::detail::look_at_thread(tids[static_cast<std::size_t>(look) % tids.size()].get());
    EXPECT_NE(at.call.what, taskleak::detail::parked_call::kind::gone);
    if (at.stack.complete) ++with_stack;
  }
  EXPECT_GE(with_stack, 950u);
  stop = true;
  for (auto& turn : turns) {
    turn += 1000;
    turn.notify_all();
  }
}

TEST(RunningThread, MayEndWhileItIsLookedAt) {
  std::atomic<bool> stop{false};
  std::array<told_tid, 3> tids;
  std::vector<std::jthread> makers;
  for (told_tid& tid : tids)
    makers.emplace_back([&] {
      tid.tell();
      while (!stop) std::thread([] {}).join();
    });
  for (const told_tid& tid : tids) tid.get();
  for (int look = 0; look < 60; ++look) {
    const taskleak::report found = taskleak::find(at_once);
    EXPECT_GE(found.stragglers.size(), makers.size());
    for (const taskleak::straggler& s : found.stragglers) EXPECT_EQ(s.scope, this_test());
  }
  stop = true;
}

// ---- the signal that a running thread is held by

/// A thread that runs until it is told to stop.
class spinning_thread {
 public:
  ~spinning_thread() { stop_ = true; }
  int tid() const { return tid_.get(); }

 private:
  std::atomic<bool> stop_{false};
  told_tid tid_;
  std::jthread thread_{[this] {
    tid_.tell();
    spin_here(stop_);
  }};
};

TEST(ParkSignal, OfAnEarlierRequestIsNoAnswerToTheNext) {
  const spinning_thread late, other;
  const int number = taskleak::detail::park_signal();
  ASSERT_NE(number, 0);
  using request = taskleak::detail::park_request;
  auto& progress = taskleak::detail::the_park_request.progress;
  const std::uint64_t before = progress;
  const std::uint64_t asked = request::at(1'000'001, request::asked);
  taskleak::detail::plain_store(&progress, asked);  // for another thread
  ASSERT_TRUE(taskleak::detail::send_park_signal(late.tid(), number, 1'000'000));
  // its handler has run when the signal is no longer pending
  until([&] {
    const taskleak::detail::thread_file status(late.tid(), "status");
    return status.text().find("SigPnd:\t0000000000000000") != std::string_view::npos;
  });
  EXPECT_EQ(taskleak::detail::plain_load(&progress), asked);
  taskleak::detail::plain_store(&progress, before);
  EXPECT_TRUE(taskleak::detail::copy_running_thread(late.tid()));
}

TEST(ParkSignal, OfTheProgramsOwnEndsItAsItWould) {
  const int number = taskleak::detail::park_signal();
  EXPECT_EXIT(raise(number), testing::KilledBySignal(number), "");
  EXPECT_EXIT(sigqueue(getpid(), number, sigval{}), testing::KilledBySignal(number), "");
}

std::atomic<int> handled_by_program{0};

TEST(ParkSignal, IsAnotherWhenTheProgramHandlesTheFormer) {
  const spinning_thread thread;
  const int former = taskleak::detail::park_signal();
  struct sigaction action {};
  struct sigaction ours {};
  action.sa_handler = [](int) { ++handled_by_program; };
  ASSERT_EQ(sigaction(former, &action, &ours), 0);
  EXPECT_TRUE(taskleak::detail::copy_running_thread(thread.tid()));
  EXPECT_NE(taskleak::detail::park_signal(), former);
  EXPECT_EQ(handled_by_program, 0);
  action.sa_handler = SIG_DFL;
  sigaction(former, &action, nullptr);
}

TEST(ParkSignal, IsNotSentToAThreadThatBlocksIt) {
  std::atomic<bool> stop{false};
  told_tid tid;
  const int number = taskleak::detail::park_signal();
  std::jthread thread([&] {
    sigset_t only, pending;
    sigemptyset(&only);
    sigaddset(&only, number);
    pthread_sigmask(SIG_BLOCK, &only, nullptr);  // as one does that will sigwait() for it
    tid.tell();
    spin_here(stop);
    sigpending(&pending);
    EXPECT_FALSE(sigismember(&pending, number));
  });
  EXPECT_FALSE(taskleak::detail::copy_running_thread(tid.get()));
  stop = true;
}

/// Counts the calls that return EINTR until told to stop, each long enough to be looked at and short enough to be made often.
template <class Call>
void expect_no_interruption(Call call) {
  std::atomic<bool> stop{false};
  std::atomic<unsigned> interrupted{0}, calls{0};
  told_tid tid;
  {
    std::jthread thread([&] {
      tid.tell();
      while (!stop) {
        errno = 0;
        call();
        if (errno == EINTR) ++interrupted;
        ++calls;
      }
    });
    for (int looks = 0; looks < 1000;) {
      const auto parked = taskleak::detail::read_parked_call(tid.get());
      if (parked.what != taskleak::detail::parked_call::kind::blocked) continue;
      taskleak::detail::walk_parked_stack(parked.sp, parked.pc);
      ++looks;
    }
    until([&] { return calls > 10; });
    stop = true;
  }
  EXPECT_EQ(interrupted, 0u);
}

constexpr timespec one_ms{0, 1'000'000};

TEST(ParkedThread, SleepsToTheEndOfNanosleep) {
  expect_no_interruption([] { nanosleep(&one_ms, nullptr); });
}

TEST(ParkedThread, PollsToTheEndOfItsTime) {
  expect_no_interruption([] { poll(nullptr, 0, 1); });
}

TEST(ParkedThread, WaitsForEventsToTheEndOfItsTime) {
  const int fd = epoll_create1(EPOLL_CLOEXEC);
  expect_no_interruption([fd] {
    epoll_event event;
    epoll_wait(fd, &event, 1, 1);
  });
  close(fd);
}

TEST(ParkedThread, WaitsForSignalsToTheEndOfItsTime) {
  expect_no_interruption([] {
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGUSR2);
    sigtimedwait(&wanted, nullptr, &one_ms);
  });
}

TEST(ParkedThread, NamesTheOwnerOfTheMutexItWaitsFor) {
  std::mutex mutex;
  gate leave;
  told_tid owner_tid, waiter_tid;
  std::jthread owner([&] {
    pthread_setname_np(pthread_self(), "owner");
    const std::lock_guard lock(mutex);
    owner_tid.tell();
    leave.wait();
  });
  owner_tid.get();
  std::jthread waiter([&] {
    waiter_tid.tell();
    const std::lock_guard lock(mutex);
  });
  const taskleak::straggler found = parked_thread(waiter_tid.get());
#if defined(TASKLEAK_USE_LIBBACKTRACE) || !defined(__OPTIMIZE__)
  EXPECT_EQ(found.waits_on.kind, "std::mutex");
#else
  EXPECT_TRUE(found.waits_on.kind.ends_with("mutex")) << "std::mutex::lock() may be inlined, which nothing tells then";
#endif
  EXPECT_EQ(found.waits_on.address, reinterpret_cast<std::uintptr_t>(&mutex));
  EXPECT_EQ(found.waits_on.detail, "held by thread " + std::to_string(owner_tid.get()) + " \"owner\"");
  ASSERT_EQ(found.waits_for.size(), 1u);
  const taskleak::awaited_task& held_by = found.waits_for.front();
  EXPECT_EQ(held_by.relation, taskleak::wait_relation::owner);
  EXPECT_EQ(held_by, static_cast<std::uint64_t>(owner_tid.get()));
  EXPECT_EQ(held_by.name, "owner");
  leave.open();
}

TEST(ParkedThread, NamesTheThreadThatItJoins) {
  gate leave;
  told_tid joined_tid, waiter_tid;
  std::thread joined([&] {
    pthread_setname_np(pthread_self(), "joined");
    joined_tid.tell();
    leave.wait();
  });
  joined_tid.get();
  std::jthread waiter([&] {
    waiter_tid.tell();
    joined.join();
  });
  const taskleak::straggler found = parked_thread(waiter_tid.get());
  EXPECT_EQ(found.waits_on.detail, "\"joined\"");
  ASSERT_EQ(found.waits_for.size(), 1u);
  EXPECT_EQ(found.waits_for.front().relation, taskleak::wait_relation::joined);
  EXPECT_EQ(found.waits_for.front().id, static_cast<std::uint64_t>(joined_tid.get()));
  leave.open();
}

TEST(ParkedThread, NamesTheMainThreadWhereThatHoldsTheLock) {
  std::mutex mutex;
  told_tid waiter_tid;
  std::unique_lock held(mutex);
  std::jthread waiter([&] {
    waiter_tid.tell();
    const std::lock_guard lock(mutex);
  });
  const taskleak::straggler found = parked_thread(waiter_tid.get());
  ASSERT_EQ(found.waits_for.size(), 1u);
  EXPECT_TRUE(found.waits_for.front().is_main);
  EXPECT_EQ(found.waits_on.detail, "held by main thread");
  held.unlock();
}

TEST(ParkedThread, ThatHasNotBegunIsCreated) {
  // as a creator leaves it that goes on before its thread gets a turn
  taskleak::detail::thread_record* const record = taskleak::detail::birth(false);
  ASSERT_TRUE(record);
  const auto records = [&] {
    std::vector<taskleak::straggler> found;
    for (taskleak::straggler& s : taskleak::find(at_once).stragglers)
      if (s.scope == this_test()) found.push_back(std::move(s));
    return found;
  };
  const pthread_t handle = pthread_self();  // any, to be in the table
  taskleak::detail::end_birth(*record, handle);
  const auto found = records();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].state, taskleak::state::created);
  EXPECT_EQ(found[0].state_text, "created");
  EXPECT_EQ(found[0].id, static_cast<std::uint64_t>(own_tid())) << "the one of the handle";
  EXPECT_FALSE(found[0].creation_stack.empty());
  taskleak::detail::add_event(*record, taskleak::detail::thread_event::over);
  EXPECT_TRUE(records().empty());
}

/// Holds a lock, if it is given one, and waits for another, which is the same line for all.
void lock_next(std::mutex* own, std::mutex& next, told_tid& tid) {
  if (own) own->lock();
  tid.tell();
  const std::lock_guard lock(next);
  if (own) own->unlock();
}

TEST(ParkedThread, OfAChainOfLocksShowsItsOwnLockAndOwner) {
  std::mutex mutexes[3];
  told_tid tids[3];
  std::vector<std::jthread> threads;
  std::unique_lock first(mutexes[0]);
  for (std::size_t i = 0; i < 3; ++i)
    threads.emplace_back([&, i] { lock_next(i < 2 ? &mutexes[i + 1] : nullptr, mutexes[i], tids[i]); }),
        parked_thread(tids[i].get());
  taskleak::report found = taskleak::find(at_once);
  const std::string text = taskleak::to_text(found);
  EXPECT_EQ(text.find("like this one"), std::string::npos) << text;
  ASSERT_EQ(found.stragglers.size(), 3u) << text;
  for (std::size_t i = 0; i < 3; ++i) {
    const taskleak::wait_object& object = found.stragglers[i].waits_on;
    EXPECT_EQ(object.address, reinterpret_cast<std::uintptr_t>(&mutexes[i]));
    EXPECT_EQ(object.owner, static_cast<std::uint64_t>(i > 0 ? tids[i - 1].get() : own_tid()));
  }
  first.unlock();
}

TEST(ParkedThread, ThatWaitsLikeOthersForOneThingIsFoldedWithThem) {
  gate one;
  told_tid tids[3];
  std::vector<std::jthread> threads;
  for (told_tid& tid : tids)
    threads.emplace_back([&] {
      tid.tell();
      one.wait();
    });
  for (const told_tid& tid : tids) parked_thread(tid.get());
  const std::string text = taskleak::to_text(taskleak::find(at_once));
  EXPECT_NE(text.find("    3 threads like this one: "), std::string::npos) << text;
  one.open();
}

TEST(ParkedThread, IsNoLongerInItsStateThanItHasLived) {
  const std::int64_t before = taskleak::detail::now_ns();
  held_thread thread;
  const taskleak::straggler found = parked_thread(thread.tid());
  EXPECT_GE(found.parked_for.count(), 0);
  EXPECT_LE(found.parked_for.count(), taskleak::detail::now_ns() - before);
}

/// The shortest time that the thread can have been parked for, when it is looked at after this returns.
std::int64_t let_time_pass(int tid) {
  until_parked_in(tid, SYS_futex);
  const std::int64_t parked_by = taskleak::detail::now_ns();
  std::int64_t passed = 0;
  until([&] { return (passed = taskleak::detail::now_ns() - parked_by) >= 200'000'000; });
  return passed;
}

TEST(ParkedThread, IsInItsStateForAsLongAsTheClockSays) {
  const held_thread thread;
  const std::int64_t passed = let_time_pass(thread.tid());
  const taskleak::straggler found = parked_thread(thread.tid());
  // what it ran before, and its CPU's clock may be a little off
  EXPECT_GE(found.parked_for.count(), passed - passed / 4);
}

TEST(ParkedThread, ThatWasWokenBeforeIsInItsStateSinceTheLastTime) {
  gate first, second, third;
  told_tid tid;
  std::jthread thread([&] {
    tid.tell();
    first.wait();
    second.wait();
    third.wait();
  });
  until_parked_in(tid.get(), SYS_futex);
  first.open();
  second.open();
  const auto waits_at_third = [&] {
    const auto at = taskleak::detail::read_parked_call(tid.get());
    const auto condition = reinterpret_cast<std::uintptr_t>(third.condition());
    return at.number == SYS_futex && at.arguments[0] - condition < sizeof(std::condition_variable);
  };
  until(waits_at_third);
  const std::int64_t passed = let_time_pass(tid.get());
  const taskleak::straggler found = parked_thread(tid.get());
  // in a virtual machine the clock of its CPU stands still while others have the CPU
  EXPECT_GE(found.parked_for.count(), passed / 10);
  third.open();
}

}  // namespace
