// SPDX-License-Identifier: MIT
/// \file Threads that look like those of static objects and are leaks: nobody can end them any more.
#include "pool.hpp"
#include <gtest/gtest.h>

#include <latch>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

using verdicts::pool;

pool* last_pool;  // with external linkage, so that each store is made

namespace {

/// Makes a pool and forgets it, so that no register or stale word of this frame is left in the caller's.
[[gnu::noinline]] void lose_a_pool() {
  last_pool = new pool(2);
  last_pool = nullptr;
}

TEST(Forgotten, PoolMadeByNew) { lose_a_pool(); }

struct member_of_a_ring {
  std::shared_ptr<member_of_a_ring> next;
  pool workers{2};
};

[[gnu::noinline]] void lose_a_ring() {
  const auto first = std::make_shared<member_of_a_ring>();
  first->next = first;
}

TEST(Forgotten, CycleOfSharedPointers) { lose_a_ring(); }

std::map<int, pool*> pools;

[[gnu::noinline]] void erase_a_pool() {
  pools[1] = new pool(2);
  pools.erase(1);
}

TEST(Forgotten, ErasedFromAStaticMap) { erase_a_pool(); }

/// AB-BA between two workers of a pool that is never destroyed.
TEST(Forgotten, JobsOfAStaticPoolInACycle) {
  static auto& workers = *new pool(2);
  struct two_locks {
    std::mutex a, b;
    std::latch both{2};
  };
  static auto& locks = *new two_locks;
  last_pool = &workers;
  workers.run([] {
    locks.a.lock();
    locks.both.arrive_and_wait();
    locks.b.lock();
  });
  workers.run([] {
    locks.b.lock();
    locks.both.arrive_and_wait();
    locks.a.lock();
  });
}

/// The destructors of these owners do not end their threads.
struct forgets {
  forgets() { last_pool = new pool(2); }
  ~forgets() { last_pool = nullptr; }
};

TEST(ForgottenAtExit, ByADestructor) { static const forgets owner; }

struct lets_go {
  lets_go() : workers(new pool(2)) {}
  ~lets_go() { workers->let_go(); }
  pool* workers;
};

TEST(ForgottenAtExit, LetGoByADestructor) { static const lets_go owner; }

}  // namespace
