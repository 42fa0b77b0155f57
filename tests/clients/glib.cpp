// SPDX-License-Identifier: MIT
/// \file GLib: pools, whose idle threads GLib keeps when they are freed, and a thread of no pool.
#include <gtest/gtest.h>

#include <latch>

#include <glib.h>

namespace {

void count_down(gpointer latch, gpointer) { static_cast<std::latch*>(latch)->count_down(); }

void never_end(gpointer running, gpointer) {
  static_cast<std::latch*>(running)->count_down();
  std::latch(1).wait();
}

/// A pool with one thread of its own.
GThreadPool* make_pool() {
  return g_thread_pool_new(count_down, nullptr, 1, TRUE, nullptr);  // the pool
}

/// A pool that takes its one thread from the idle ones, or has one started for the first thing it is to do.
GThreadPool* make_sharing_pool() { return g_thread_pool_new(count_down, nullptr, 1, FALSE, nullptr); }

/// Returns when a thread of the pool has run something.
void use(GThreadPool* pool) {
  std::latch ran(1);
  g_thread_pool_push(pool, &ran, nullptr);  // the push
  ran.wait();
}

void free_pool(GThreadPool* pool) { g_thread_pool_free(pool, FALSE, TRUE); }

gpointer wait_for_ever(gpointer latch) {
  static_cast<std::latch*>(latch)->wait();
  return nullptr;
}

}  // namespace

TEST(GlibPool, IsNeverFreed) { use(make_pool()); }

TEST(GlibPool, LeavesAnIdleThreadWhenFreed) {
  GThreadPool* const pool = make_sharing_pool();
  use(pool);
  free_pool(pool);
}

TEST(GlibPool, RunsAJobThatNeverEnds) {
  std::latch running(1);
  g_thread_pool_push(g_thread_pool_new(never_end, nullptr, 1, FALSE, nullptr), &running, nullptr);
  running.wait();
}

TEST(GlibPool, IsFreedAndKeepsNoIdleThread) {
  // g_thread_pool_stop_unused_threads() misses a thread that is about to become idle
  g_thread_pool_set_max_unused_threads(0);
  for (GThreadPool* const pool : {make_pool(), make_sharing_pool()}) {
    use(pool);
    free_pool(pool);
  }
}

TEST(GlibThread, IsOfNoPool) { g_thread_unref(g_thread_new("forgotten", wait_for_ever, new std::latch(1))); }
