// SPDX-License-Identifier: MIT
/// \file Old leaks, for which rules are written, and beside each a new one that looks much like it.
#include "nameless.hpp"
#include <gtest/gtest.h>

#include <coroutine>
#include <cstdlib>
#include <functional>
#include <future>
#include <map>
#include <semaphore>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pthread.h>

namespace {

std::binary_semaphore never(0);
std::binary_semaphore never_either(0);
volatile int differs;  // compilers fold functions that are the same: a new leak would be an old one

// ---- a class that starts its thread by itself

class worker {
 public:
  worker() : thread_([this] { run(); }) { thread_.detach(); }

 private:
  void run() { never.acquire(); }
  std::thread thread_;
};

void old_worker() {
  new worker;  // the thread is what the test leaves
  differs = 1;
}
void new_worker() {
  new worker;
  differs = 2;
}

}  // namespace

// ---- a thread class that everybody uses

namespace base {

class Thread {
 public:
  explicit Thread(std::function<void()> body) : body_(std::move(body)) {}
  void Start() { StartWithName("thread"); }
  void StartWithName(const std::string& name) {
    name_ = name;
    std::thread(&Thread::ThreadMain, this).detach();
  }

 private:
  void ThreadMain() { body_(); }
  std::function<void()> body_;
  std::string name_;
};

}  // namespace base

namespace {

void start_old() {
  (new base::Thread([] { never.acquire(); }))->Start();
  differs = 3;
}
void start_new() {
  (new base::Thread([] { never.acquire(); }))->Start();
  differs = 4;
}

// ---- lambdas, which are inlined when optimised

template <class F>
void call(F function) {
  function();
}

void old_lambda() {
  call([] { std::thread([] { never.acquire(); }).detach(); });
  differs = 5;
}
void new_lambda() {
  call([] { std::thread([] { never.acquire(); }).detach(); });
  differs = 6;
}

// ---- names that are longer than a line of a suppression file may be

template <class Key, class Value>
class storage_of_values_that_expire {
 public:
  void start_collecting(const std::map<std::string, std::vector<std::pair<Key, Value>>>&) {
    std::thread([] { never.acquire(); }).detach();
  }
};

struct old_key_of_a_kind_that_has_a_very_long_name_indeed {};
struct new_key_of_a_kind_that_has_a_very_long_name_indeed {};
using long_value = std::map<std::string, std::map<std::string, std::vector<std::vector<std::string>>>>;

// ---- functions that end in a call

struct waiter {
  void wait_for_one() { never.acquire(); }
  void wait_for_other() { never_either.acquire(); }
};
struct virtual_waiter {
  virtual ~virtual_waiter() = default;
  virtual void wait_virtually() = 0;
};
struct waits_for_one : virtual_waiter {
  void wait_virtually() override {
    differs = 7;
    never.acquire();
  }
};
struct waits_for_other : virtual_waiter {
  void wait_virtually() override {
    differs = 8;
    never_either.acquire();
  }
};
void wait_for_one(int) { never.acquire(); }
void wait_for_other(int) { never_either.acquire(); }

// ---- coroutines

struct forgotten {
  struct promise_type {
    forgotten get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
};

[[gnu::noinline]] forgotten old_session() { co_await std::suspend_always(); }
[[gnu::noinline]] forgotten new_session() { co_await std::suspend_always(); }

}  // namespace

/// Whether old tests are to have a new leak beside their old one.
static bool has_a_new_leak() { return std::getenv("NEW_LEAK") != nullptr; }

/// The base of whatever runs in a thread: its functions are on the stacks of all, and tell nothing.
class thread_of_its_own {
 public:
  virtual ~thread_of_its_own() = default;
  [[gnu::noinline]] void start() {
    pthread_t thread;
    pthread_create(&thread, nullptr, &run_one, this);
    pthread_detach(thread);
  }

 private:
  static void* run_one(void* self) {
    static_cast<thread_of_its_own*>(self)->run();
    return nullptr;
  }
  virtual void run() = 0;
};
class old_job : public thread_of_its_own {
  void run() override { never.acquire(); }
};
class new_job : public thread_of_its_own {
  void run() override { never.acquire(); }
};

TEST(OldWorker, Leaks) { old_worker(); }
TEST(NewWorker, Leaks) { new_worker(); }
TEST(OldThread, Leaks) { start_old(); }
TEST(NewThread, Leaks) { start_new(); }
TEST(OldLambda, Leaks) { old_lambda(); }
TEST(NewLambda, Leaks) { new_lambda(); }
TEST(OldLibrary, Leaks) {
  pthread_t made;
  nameless().make_one(&made);
  if (has_a_new_leak()) std::thread([] { never.acquire(); }).detach();
}
TEST(NewLibrary, Leaks) {
  pthread_t made;
  nameless().make_other(&made);
}
// What these threads run is inlined or leaves by a tail call when optimised: nothing of it is on their stacks.
TEST(OldInlined, Leak) {
  std::thread([] { never.acquire(); }).detach();
  if (has_a_new_leak()) std::thread([] { never.acquire(); }).detach();
}
TEST(OldMember, Leak) {
  std::thread(&waiter::wait_for_one, new waiter).detach();
  if (has_a_new_leak()) std::thread(&waiter::wait_for_other, new waiter).detach();
}
TEST(OldFunction, Leak) {
  std::thread(wait_for_one, 1).detach();
  if (has_a_new_leak()) std::thread(wait_for_other, 1).detach();
}
TEST(OldAsync, Leak) {
  new std::future<void>(std::async(std::launch::async, [] { never.acquire(); }));
  if (has_a_new_leak()) new std::future<void>(std::async(std::launch::async, [] { never.acquire(); }));
}
TEST(OldPackagedTask, Leak) {
  const auto start = [](auto body) { std::thread(std::packaged_task<void()>(body)).detach(); };
  start([] { never.acquire(); });
  if (has_a_new_leak()) start([] { never.acquire(); });
}
TEST(OldPackagedFunction, Leak) {
  const auto start = [](void (*body)()) { std::thread(std::packaged_task<void()>(body)).detach(); };
  start([] { never.acquire(); });
  if (has_a_new_leak()) start([] { never_either.acquire(); });
}
TEST(OldPackagedArguments, Leak) {
  const auto start = [](void (*body)(int, long)) { std::thread(std::packaged_task<void(int, long)>(body), 1, 2).detach(); };
  start([](int, long) { never.acquire(); });
  if (has_a_new_leak()) start([](int, long) { never_either.acquire(); });
}
TEST(OldPackagedStdFunction, Leak) {
  const auto start = [](const std::function<void()>& body) { std::thread(std::packaged_task<void()>(body)).detach(); };
  start([] { never.acquire(); });
  if (has_a_new_leak()) start([] { never.acquire(); });
}
TEST(OldVirtual, Leak) {
  std::thread(&virtual_waiter::wait_virtually, static_cast<virtual_waiter*>(new waits_for_one)).detach();
  if (has_a_new_leak()) std::thread(&virtual_waiter::wait_virtually, static_cast<virtual_waiter*>(new waits_for_other)).detach();
}
TEST(OldStdFunction, Leak) {
  const auto start = [](const std::function<void()>& body) { std::thread(body).detach(); };
  start([] { never.acquire(); });
  if (has_a_new_leak()) start([] { never.acquire(); });
}
TEST(OldWorkers, Leak) {
  old_worker();
  if (has_a_new_leak()) start_new();
}
TEST(OldThreadClass, Leaks) { (new old_job)->start(); }  // a tail call: the test's own frame is gone when optimised
TEST(NewThreadClass, Leaks) { (new new_job)->start(); }
TEST(OldCoroutine, Leaks) { old_session(); }  // here, too
TEST(NewCoroutine, Leaks) { new_session(); }
TEST(OldLongName, Leaks) {
  storage_of_values_that_expire<old_key_of_a_kind_that_has_a_very_long_name_indeed, long_value>().start_collecting({});
}
TEST(NewLongName, Leaks) {
  storage_of_values_that_expire<new_key_of_a_kind_that_has_a_very_long_name_indeed, long_value>().start_collecting({});
}
