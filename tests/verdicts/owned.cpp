// SPDX-License-Identifier: MIT
/// \file Threads that live as long as the program and are no leak: static objects own them, and end them.
#include "../gate.hpp"
#include "pool.hpp"
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include <dlfcn.h>

extern "C" void use_pool_of_library();

namespace {

using verdicts::pool;

/// A thread that waits until it is asked to stop.
std::jthread patient_thread() {
  return std::jthread([](const std::stop_token& stops) {
    std::mutex mutex;
    std::condition_variable_any changed;
    std::unique_lock lock(mutex);
    changed.wait(lock, stops, [] { return false; });
  });
}

// ---- a pool that is made when it is first used

pool& workers() {
  static pool all(3);
  return all;
}

TEST(Owned, PoolInAFunction) {
  std::promise<void> done;
  workers().run([&] { done.set_value(); });
  done.get_future().wait();
}

TEST(Owned, PoolInAFunctionAgain) {
  workers().run([] {});
}

// ---- an asynchronous logger

class logger {
 public:
  static const std::shared_ptr<logger>& instance() {
    static const std::shared_ptr<logger> one = std::make_shared<logger>();
    return one;
  }
  void log(std::string line) {
    writer_.run([line = std::move(line)] { EXPECT_FALSE(line.empty()); });
  }

 private:
  pool writer_{1};
};

TEST(Owned, LoggerInAStaticSharedPointer) { logger::instance()->log("line"); }

// ---- thread_local objects

TEST(Owned, ThreadLocalOfTheMainThread) {
  thread_local std::jthread helper = patient_thread();
  EXPECT_TRUE(helper.joinable());
}

TEST(Owned, ThreadLocalOfAWorker) {
  std::promise<void> made;
  workers().run([&] {
    thread_local std::jthread helper = patient_thread();
    made.set_value();
  });
  made.get_future().wait();
}

TEST(Owned, ThreadOfAnOwnedThread) {
  tests::gate& made = tests::eternal_gate();
  static std::jthread outer([&made](const std::stop_token& stops) {
    const std::jthread inner = patient_thread();
    made.open();
    std::mutex mutex;
    std::condition_variable_any changed;
    std::unique_lock lock(mutex);
    changed.wait(lock, stops, [] { return false; });
  });
  made.wait();
}

// ---- fixtures

class Lazy : public testing::TestWithParam<int> {
 public:
  static void TearDownTestSuite() { pool_.reset(); }

 protected:
  void SetUp() override {
    if (!pool_) pool_ = std::make_unique<pool>(2);
  }
  static inline std::unique_ptr<pool> pool_;
};
TEST_P(Lazy, PoolOfTheSuite) {
  pool_->run([] {});
}
INSTANTIATE_TEST_SUITE_P(Owned, Lazy, testing::Values(1, 2, 3));

class Growing : public testing::Test {
 public:
  static void SetUpTestSuite() { pool_ = new pool(1); }
  static void TearDownTestSuite() {
    delete pool_;
    pool_ = nullptr;
  }

 protected:
  static inline pool* pool_ = nullptr;
};
TEST_F(Growing, PoolOfTheSuiteGrowsInATest) { pool_->grow(); }

// ---- other statics

std::promise<void> quit;
std::thread* ended_at_exit;

TEST(Owned, ThreadEndedByAHandlerOfExit) {
  ended_at_exit = new std::thread([] { quit.get_future().wait(); });
  std::atexit([] {
    quit.set_value();
    ended_at_exit->join();
    delete ended_at_exit;
  });
}

tests::gate answer;

TEST(Owned, StaticFutureOfAsync) {
  static const std::future<void> result = std::async(std::launch::async, [] { answer.wait(); });
  std::atexit([] { answer.open(); });
}

TEST(Owned, StaticFutureOfAsyncThatHasFinished) {
  static const std::future<void> result = std::async(std::launch::async, [] {});
  result.wait();
}

std::once_flag once;
std::unique_ptr<pool> made_once;

TEST(Owned, WorkerMadeByCallOnce) {
  std::call_once(once, [] { made_once = std::make_unique<pool>(1); });
}

std::map<std::string, std::unique_ptr<pool>> pools;

TEST(Owned, PoolInAStaticMap) { pools.emplace("one", std::make_unique<pool>(2)); }

std::function<void()> captures_a_pool;

TEST(Owned, PoolCapturedByAStaticFunction) {
  captures_a_pool = [all = std::make_shared<pool>(2)] { all->run([] {}); };
}

TEST(Owned, PoolOfALinkedLibrary) { use_pool_of_library(); }

TEST(Owned, PoolOfALoadedLibrary) {
  void* const library = dlopen(LOADED_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  ASSERT_TRUE(library) << dlerror();
  reinterpret_cast<void (*)()>(dlsym(library, "use_pool_of_library"))();
}

}  // namespace

/// Never destroyed, on purpose. Not in the unnamed namespace, where the compiler may leave out a pointer that nobody reads again.
verdicts::pool* eternal_pool;

TEST(Owned, PoolThatIsNeverDestroyed) { eternal_pool = new pool(2); }

TEST(Owned, PoolBehindAStaticReference) {
  static auto& all = *new pool(2);
  eternal_pool ? void() : all.run([] {});
  std::atexit([] { all.run([] {}); });
}
