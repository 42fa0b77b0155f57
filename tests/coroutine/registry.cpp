// SPDX-License-Identifier: MIT
/// \file The table of live coroutines: threads that come and go, blocks that are used again, epochs, and forks.
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/guard.hpp>
#include <taskleak/report.hpp>
#include <taskleak/snapshot.hpp>

#include "kinds.hpp"
#include "watch.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

using kinds::gate;
using kinds::task;

namespace {

constexpr unsigned waits_line = __LINE__ + 1;
task<> waits(gate& g) { co_await g; }

std::size_t tables() {
  std::size_t count = 0;
  for (auto* t = taskleak::detail::all_coroutines.first(); t; t = t->next) ++count;
  return count;
}

std::size_t blocks() {
  std::size_t count = 0;
  for (auto* t = taskleak::detail::all_coroutines.first(); t; t = t->next) {
    const taskleak::detail::spin_guard guard(t->lock);
    for (auto* b = t->newest; b; b = b->older) ++count;
  }
  return count;
}

std::size_t younger_than(std::uint64_t epoch) {
  return taskleak::detail::copy_coroutines_younger_than(epoch,
                                                        [](const taskleak::detail::coroutine_birth&, bool) { return true; })
      .size();
}

const taskleak::straggler* find(const taskleak::report& r, std::uint64_t id) {
  const auto at = std::find_if(r.stragglers.begin(), r.stragglers.end(), [&](const taskleak::straggler& s) {
    return s.kind == taskleak::task_kind::coroutine && s.id == id;
  });
  return at == r.stragglers.end() ? nullptr : &*at;
}

taskleak::report find_now() { return taskleak::find(taskleak::wait_up_to(std::chrono::seconds(0))); }

TEST_F(Coroutine, IsFoundWithItsStateItsPlaceAndWhatItAwaits) {
  gate g;
  const task<> t = waits(g);
  const std::uint64_t id = record(t.handle).live.id();
  const auto state = [&] {
    const taskleak::report r = find_now();
    const taskleak::straggler* const s = find(r, id);
    return s ? s->state_text : "not found";
  };
  EXPECT_EQ(state(), "created");
  t.start();
  const std::string suspended = state();
  EXPECT_TRUE(suspended.starts_with("suspended at ") && suspended.ends_with("registry.cpp:" + std::to_string(waits_line)))
      << suspended;
  const taskleak::report r = find_now();
  ASSERT_TRUE(find(r, id));
  EXPECT_NE(find(r, id)->waits_on.kind.find("awaiter"), std::string::npos) << find(r, id)->waits_on.kind;
  EXPECT_NE(find(r, id)->name.find("waits"), std::string::npos) << find(r, id)->name;
  EXPECT_EQ(find(r, id)->created_by, "main thread");
  g.open();
  EXPECT_EQ(state(), "finished never destroyed");
}

TEST_F(Coroutine, IsListedWithTheThreadThatCreatedIt) {
  gate g;
  std::optional<task<>> t;
  int tid = 0;
  std::thread([&] {
    tid = taskleak::detail::current_tid();
    t.emplace(waits(g));
  }).join();
  EXPECT_EQ(record(t->handle).live.birth.creator_tid, tid);
  EXPECT_FALSE(record(t->handle).live.birth.created_by_main);
  const task<> own = waits(g);
  EXPECT_TRUE(record(own.handle).live.birth.created_by_main);
}

TEST_F(Coroutine, IsResumedAndDestroyedOnOtherThreads) {
  gate g;
  auto t = std::make_unique<task<>>(waits(g));
  std::thread([&] { t->start(); }).join();
  EXPECT_SUSPENDED_AT(t->handle, waits_line);
  std::thread([&] { g.open(); }).join();
  EXPECT_FINISHED(t->handle);
  EXPECT_BORN(1);
  std::thread([&] { t.reset(); }).join();
  EXPECT_BORN(0);
}

/// One that knows who awaits it and who is at the other end of the chain, as Asio's coro does. Later frames have lower addresses.
struct rooted {
  struct promise_type {
    std::coroutine_handle<> continuation;
    promise_type* root = this;
    static inline std::byte* free = nullptr;
    static void* operator new(std::size_t size) { return free -= (size + 15) / 16 * 16; }
    static void operator delete(void*) {}
    rooted get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
  struct awaiter {
    rooted* of;
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> by) const noexcept {
      of->handle.promise().continuation = by;
      of->handle.promise().root = by.promise().root;
      return of->handle;
    }
    void await_resume() const noexcept {}
  };
  awaiter operator co_await() noexcept { return {this}; }
  std::coroutine_handle<promise_type> handle;
};

rooted awaits_gate(gate& g) { co_await g; }
rooted awaits_one(rooted& other) { co_await other; }

TEST_F(Coroutine, AwaitsTheNearestOfThoseWhosePromisesPointToIt) {
  alignas(16) std::byte frames[8192];
  rooted::promise_type::free = frames + sizeof frames;
  gate g;
  rooted inner = awaits_gate(g);
  rooted middle = awaits_one(inner);
  const rooted outer = awaits_one(middle);
  // why: of the three, the innermost one's frame must come first in memory
  inner.handle.destroy();
  inner = awaits_gate(g);
  outer.handle.resume();
  const taskleak::report r = find_now();
  const auto id_of = [](const rooted& c) { return record(c.handle).live.id(); };
  const auto awaited_by = [&](const rooted& c) {
    const taskleak::straggler* const s = find(r, id_of(c));
    return s ? s->waits_on.detail : "not found";
  };
  EXPECT_TRUE(awaited_by(middle).starts_with("coroutine " + std::to_string(id_of(inner)) + ' ')) << awaited_by(middle);
  EXPECT_TRUE(awaited_by(outer).starts_with("coroutine " + std::to_string(id_of(middle)) + ' ')) << awaited_by(outer);
  const taskleak::straggler* const waiting = find(r, id_of(outer));
  ASSERT_TRUE(waiting && waiting->waits_for.size() == 1);
  EXPECT_EQ(waiting->waits_for.front().relation, taskleak::wait_relation::awaited);
  EXPECT_EQ(waiting->waits_for.front().kind, taskleak::task_kind::coroutine);
  EXPECT_EQ(waiting->waits_for.front().id, id_of(middle));
  for (const rooted& c : {inner, middle, outer}) c.handle.destroy();
}

/// Hands the coroutine to whichever thread comes first.
struct hop {
  std::atomic<void*>& to;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) const noexcept { to.store(h.address(), std::memory_order_release); }
  void await_resume() const noexcept {}
};

task<int> hops(std::atomic<void*>& to, std::atomic<bool>& done) {
  int sum = 0;
  for (int i = 0; i < 2000; ++i) {
    co_await hop{to};
    ++sum;
  }
  done = true;
  co_return sum;
}

TEST_F(Coroutine, TravelsBetweenThreadsThatRunAtOnceAndIsLookedAtMeanwhile) {
  std::atomic<void*> next{nullptr};
  std::atomic<bool> done{false};
  const task<int> t = hops(next, done);
  t.start();
  const auto work = [&] {
    while (!done.load())
      if (void* const frame = next.exchange(nullptr, std::memory_order_acquire))
        std::coroutine_handle<>::from_address(frame).resume();
      else
        std::this_thread::yield();
  };
  std::thread a(work);
  std::thread b(work);
  std::size_t looks = 0;
  do {
    EXPECT_EQ(live_coroutines().size(), 1u);
    ++looks;
  } while (!done.load());
  a.join();
  b.join();
  EXPECT_GT(looks, 0u);
  EXPECT_EQ(t.take(), 2000);
}

TEST_F(Coroutine, OutlivesTheThreadThatCreatedItWhoseTableIsTakenOver) {
  gate first_gate;
  std::optional<task<>> first;
  std::thread([&] { first.emplace(waits(first_gate)); }).join();
  const std::size_t before = tables();
  std::vector<gate> gates(100);
  std::vector<task<>> others;
  for (gate& g : gates)
    std::thread([&] {
      others.push_back(waits(g));
      others.back().start();
    }).join();
  EXPECT_EQ(tables(), before);
  EXPECT_BORN(101);
  EXPECT_CREATED(first->handle);
  for (const auto& t : others) EXPECT_SUSPENDED_AT(t.handle, waits_line);
  std::set<int> creators;
  for (const auto& t : others) creators.insert(record(t.handle).live.birth.creator_tid);
  EXPECT_GT(creators.size(), 1u);
}

TEST_F(Coroutine, IsOneOfManyThatAreAllListedOnce) {
  constexpr std::size_t many = 100'000;
  gate g;
  std::vector<task<>> all;
  all.reserve(many);
  for (std::size_t i = 0; i < many; ++i) all.push_back(waits(g));
  std::set<std::uint64_t> ids;
  for (const auto& c : live_coroutines()) ids.insert(c.id());
  EXPECT_EQ(ids.size(), many);
  const std::size_t used = blocks();
  // every second is destroyed by another thread, and their slots are taken again
  std::thread([&] {
    for (std::size_t i = 0; i < many; i += 2) all[i] = std::move(all[i + 1]);
  }).join();
  std::erase_if(all, [](const task<>& t) { return !t.handle; });
  EXPECT_BORN(many / 2);
  while (all.size() < many) all.push_back(waits(g));
  EXPECT_BORN(many);
  EXPECT_LE(blocks(), used + used / 2 + 1);
}

TEST_F(Coroutine, LeavesItsBlockToOthersOverAndOver) {
  gate g;
  { const task<> t = waits(g); }
  const std::size_t before = blocks();
  for (int round = 0; round < 2000; ++round) {
    const taskleak::snapshot new_epoch;
    std::vector<task<>> some;
    for (int i = 0; i < 200; ++i) some.push_back(waits(g));
    EXPECT_EQ(younger_than(new_epoch.watermark()), 200u);
  }
  EXPECT_LE(blocks(), 2 * before + 16) << "8000 blocks were opened, of which 4 were in use at a time";
}

TEST_F(Coroutine, IsYoungerThanTheSnapshotsTakenBeforeIt) {
  gate g;
  const taskleak::snapshot none;
  const task<> first = waits(g);
  const taskleak::snapshot one;
  const task<> second = waits(g);
  const task<> third = waits(g);
  const taskleak::snapshot all;
  EXPECT_EQ(younger_than(none.watermark()), 3u);
  EXPECT_EQ(younger_than(one.watermark()), 2u);
  EXPECT_EQ(younger_than(all.watermark()), 0u);
  EXPECT_FALSE(taskleak::detail::all_coroutines.has_younger_than(all.watermark()));
  const taskleak::report r = taskleak::find({taskleak::ignore_current(one), taskleak::wait_up_to(std::chrono::seconds(0))});
  EXPECT_FALSE(find(r, record(first.handle).live.id()));
  EXPECT_TRUE(find(r, record(second.handle).live.id()));
}

TEST_F(Coroutine, IsCountedAsATask) {
  gate g;
  const std::size_t before = taskleak::task_count();
  const task<> t = waits(g);
  EXPECT_EQ(taskleak::task_count(), before + 1);
}

int exit_code_of(pid_t child) {
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(Coroutine, GoesOnInAForkedChildWhichReportsNothing) {
  gate g;
  const task<> t = waits(g);
  t.start();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    g.open();
    bool works = t.done();
    gate other;
    for (int i = 0; i < 1000; ++i) {
      const task<> here = waits(other);
      here.start();
      other.open();
      works = works && here.done();
    }
    _exit(works && find_now().empty() ? 0 : 1);
  }
  EXPECT_EQ(exit_code_of(child), 0);
  EXPECT_SUSPENDED_AT(t.handle, waits_line);
}

/// A coroutine whose end tells whether its node is written between the two functions of the final awaiter.
class watched_end {
 public:
  struct promise_type;

  struct final_awaiter {
    promise_type& promise;
    bool await_ready() const noexcept {
      promise.at_ready = promise.node();
      return false;
    }
    void await_suspend(std::coroutine_handle<promise_type>) const noexcept { promise.at_suspend = promise.node(); }
    void await_resume() const noexcept {}
  };

  struct promise_type {
    using bytes = std::array<unsigned char, sizeof(taskleak::detail::coroutine_node)>;
    bytes at_ready{};
    bytes at_suspend{};

    /// The node follows the user's promise, in the promise that stands in for it.
    bytes node() const noexcept {
      bytes copy;
      std::memcpy(copy.data(), reinterpret_cast<const char*>(this) + sizeof *this, copy.size());
      return copy;
    }
    watched_end get_return_object() noexcept { return watched_end(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    final_awaiter final_suspend() noexcept { return {*this}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept {}
  };

  ~watched_end() { handle_.destroy(); }
  watched_end(const watched_end&) = delete;
  watched_end& operator=(const watched_end&) = delete;

  const promise_type& promise() const noexcept { return handle_.promise(); }

 private:
  explicit watched_end(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};
static_assert(sizeof(watched_end::promise_type) % alignof(taskleak::detail::coroutine_node) == 0);

watched_end ends_at_once() { co_return; }

TEST(Registry, WritesNothingOnceTheFinalAwaiterHasBeenAsked) {
  const watched_end one = ends_at_once();
  EXPECT_EQ(one.promise().at_ready, one.promise().at_suspend) << "another thread may have destroyed the coroutine by then";
}

/// A coroutine is alive all the time, each made by a thread that then ends the one before.
class Relay {
 public:
  explicit Relay(int threads) : epoch_(taskleak::detail::the_registry.close_epoch()) {
    alive_.emplace(waits(gate_));
    turns_.reserve(static_cast<std::size_t>(threads));
    for (int i = 0; i < threads; ++i) turns_.emplace_back([this] { run(); });
    while (passed_on_ == 0) std::this_thread::yield();
  }
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;
  ~Relay() {
    over_ = true;
    for (std::thread& t : turns_) t.join();
  }

  /// Of so many looks, how many see no coroutine.
  template <class Look>
  int missed(int looks, Look&& look) const {
    int missed = 0;
    for (int i = 0; i < looks; ++i) missed += !look(epoch_);
    return missed;
  }

 private:
  void run() {
    while (!over_) {
      const std::lock_guard turn(mutex_);
      std::optional<task<>> next(waits(gate_));
      alive_.swap(next);
      next.reset();
      ++passed_on_;
    }
  }

  gate gate_;
  std::uint64_t epoch_;
  std::mutex mutex_;
  std::optional<task<>> alive_;
  std::atomic<bool> over_{false};
  std::atomic<std::uint64_t> passed_on_{0};
  std::vector<std::thread> turns_;
};

// Slots and tables are looked at one after the other: a successor may be where was looked already.
TEST_F(Coroutine, IsSeenWhereEachMakesASuccessorAndEnds) {
  const Relay relay(1);
  EXPECT_EQ(relay.missed(100'000, [](std::uint64_t epoch) { return taskleak::detail::all_coroutines.has_younger_than(epoch); }),
            0);
  EXPECT_EQ(relay.missed(100'000, [](std::uint64_t epoch) { return taskleak::detail::all_coroutines.youngest() > epoch; }), 0);
}

TEST_F(Coroutine, IsSeenWhereThreadsTakeTurnsToMakeASuccessor) {
  const Relay relay(3);
  EXPECT_EQ(relay.missed(100'000, [](std::uint64_t epoch) { return taskleak::detail::all_coroutines.has_younger_than(epoch); }),
            0);
  EXPECT_EQ(relay.missed(100'000, [](std::uint64_t epoch) { return taskleak::detail::all_coroutines.youngest() > epoch; }), 0);
}

TEST_F(Coroutine, IsSeenInASlotThatAnEarlierLookHasFoundEmpty) {
  gate g;
  const std::uint64_t epoch = taskleak::detail::the_registry.close_epoch();
  {
    std::vector<task<>> many;
    for (int i = 0; i < 1000; ++i) many.push_back(waits(g));
    EXPECT_GT(taskleak::detail::all_coroutines.youngest(), epoch);
  }
  EXPECT_LE(taskleak::detail::all_coroutines.youngest(), epoch);
  const task<> one = waits(g);
  EXPECT_GT(taskleak::detail::all_coroutines.youngest(), epoch);
}

#if !defined(__SANITIZE_THREAD__) && !defined(TASKLEAK_TESTS_SANITIZED)  // ThreadSanitizer gives up on a fork with threads
TEST_F(Coroutine, IsMadeByOtherThreadsWhileOneForks) {
  std::atomic<bool> stop{false};
  const auto churn = [&] {
    gate g;
    while (!stop.load()) {
      // a new table, new blocks
      std::thread([&] {
        std::vector<task<>> some;
        for (int i = 0; i < 100; ++i) some.push_back(waits(g));
      }).join();
    }
  };
  std::thread a(churn);
  std::thread b(churn);
  gate g;
  for (int i = 0; i < 30; ++i) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const task<> t = waits(g);
      _exit(t.done() ? 1 : 0);
    }
    EXPECT_EQ(exit_code_of(child), 0);
  }
  stop = true;
  a.join();
  b.join();
}
#endif

}  // namespace
