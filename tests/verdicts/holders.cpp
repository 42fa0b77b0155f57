// SPDX-License-Identifier: MIT
/// \file Healthy pools and threads in other holders than a plain static: each is owned, and fails nothing.
#include "pool.hpp"
#include <gtest/gtest.h>

#include <any>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <variant>

#include <pthread.h>
#include <semaphore.h>

using verdicts::pool;

// with external linkage, so that each store is made
std::once_flag made;
pool* made_once;
std::any in_an_any;
std::variant<int, std::unique_ptr<pool>> in_a_variant;
std::optional<pool> in_an_optional;
std::unique_ptr<void, void (*)(void*)> without_its_type(nullptr, [](void* p) { delete static_cast<pool*>(p); });

struct tagged_pointer {
  ~tagged_pointer() { delete reinterpret_cast<pool*>(word & ~std::uintptr_t{7}); }
  std::uintptr_t word = 0;
} tagged;

struct worker_of_c {
  pthread_t thread;
  sem_t wake;
} * worker;

struct executor {
  virtual ~executor() = default;
  virtual void add(std::function<void()> job) = 0;
};
struct named {
  virtual ~named() = default;
  int number = 0;
};
/// A pointer to its second base points into the middle of it.
struct pool_executor : named, executor {
  void add(std::function<void()> job) override { workers.run(std::move(job)); }
  pool workers{2};
};
std::unique_ptr<executor> by_its_second_base;

struct threads {
  ~threads() {
    sem_post(&stops);
    for (std::thread& t : in_a_deque) t.join();
    for (std::thread& t : in_a_list) t.join();
  }
  /// Waits, and lets the next one go on.
  void wait() {
    while (sem_wait(&stops) != 0) {
    }
    sem_post(&stops);
  }
  sem_t stops{};
  std::deque<std::thread> in_a_deque;
  std::list<std::thread> in_a_list;
} all_threads;

namespace {

TEST(Holder, IsARawPointerMadeByCallOnce) {
  std::call_once(made, [] {
    made_once = new pool(2);
    std::atexit([] { delete std::exchange(made_once, nullptr); });
  });
}

TEST(Holder, IsAnAny) { in_an_any = std::make_shared<pool>(2); }

TEST(Holder, IsAVariant) { in_a_variant = std::make_unique<pool>(1); }

TEST(Holder, IsAnOptional) { in_an_optional.emplace(2); }

TEST(Holder, IsAPointerWithoutItsType) { without_its_type.reset(new pool(1)); }

TEST(Holder, IsAPointerWithATagInItsLowBits) { tagged.word = reinterpret_cast<std::uintptr_t>(new pool(1)) | 3; }

TEST(Holder, IsAPointerToTheSecondBase) {
  by_its_second_base = std::make_unique<pool_executor>();
  by_its_second_base->add([] {});
}

TEST(Holder, IsAStructOfC) {
  worker = static_cast<worker_of_c*>(std::malloc(sizeof *worker));
  sem_init(&worker->wake, 0, 0);
  const auto waits = [](void* told) -> void* {
    while (sem_wait(&static_cast<worker_of_c*>(told)->wake) != 0) {
    }
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&worker->thread, nullptr, waits, worker), 0);
  std::atexit([] {
    sem_post(&worker->wake);
    pthread_join(worker->thread, nullptr);
    std::free(worker);
  });
}

TEST(Holder, IsADequeOfThreads) {
  for (int i = 0; i < 3; ++i) all_threads.in_a_deque.emplace_back([] { all_threads.wait(); });
}

TEST(Holder, IsAListOfThreads) {
  for (int i = 0; i < 3; ++i) all_threads.in_a_list.emplace_back([] { all_threads.wait(); });
}

}  // namespace
