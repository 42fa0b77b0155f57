// SPDX-License-Identifier: MIT
/// \file A program whose tests pass, and whose end hangs: in a static object, as the first argument says.
#include "../gate.hpp"
#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdlib>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <unistd.h>

namespace {

std::string_view how_it_hangs() {
  const char* const how = std::getenv("EXITS_HOW");
  return how ? how : "";
}

/// A pool whose destructor forgets to tell the worker.
class forgetful_pool {
 public:
  ~forgetful_pool() { worker_.join(); }

 private:
  tests::gate& closed_ = tests::eternal_gate();
  std::thread worker_{[this] {
    pthread_setname_np(pthread_self(), "worker");
    closed_.wait();
  }};
};

/// A condition variable that a detached thread waits for when it is destroyed.
struct waited_for {
  std::condition_variable changed;
  std::mutex mutex;

  void wait_on_a_thread() {
    std::promise<void> holds;
    std::thread([this, &holds] {
      std::unique_lock lock(mutex);
      holds.set_value();
      changed.wait(lock, [] { return false; });
    }).detach();
    holds.get_future().wait();
    const std::lock_guard waits(mutex);
  }
};

/// A logger that takes a second to write what it has, with nobody running meanwhile for as long as a write takes.
class slow_logger {
 public:
  ~slow_logger() {
    for (int line = 0; line < 20; ++line) poll(nullptr, 0, 100);
    closed_.open();
    worker_.join();
  }

 private:
  tests::gate closed_;
  std::thread worker_{[this] { closed_.wait(); }};
};

/// An object of the main thread that waits for what nobody will do.
struct waits_at_thread_end {
  ~waits_at_thread_end() { tests::eternal_gate().wait(); }
};

/// A server whose destructor waits for a last event.
class server {
 public:
  ~server() {
    epoll_event event{};
    epoll_wait(events_, &event, 1, -1);
  }

 private:
  int events_ = epoll_create1(EPOLL_CLOEXEC);
};

/// Starts a thread that will wait for ever for what may come.
void start_poller() {
  std::thread([] { poll(nullptr, 0, -1); }).detach();
}

TEST(Exits, LeavesAStaticObjectBehind) {
  if (how_it_hangs() == "thread_local") {
    start_poller();
    static thread_local waits_at_thread_end object;
  }
  if (how_it_hangs() == "server") {
    start_poller();
    static server one;
  }
  if (how_it_hangs() == "pool") static forgetful_pool pool;
  if (how_it_hangs() == "condition") {
    static waited_for object;
    object.wait_on_a_thread();
  }
  if (how_it_hangs() == "future") static const auto result = std::async(std::launch::async, [] { tests::eternal_gate().wait(); });
  if (how_it_hangs() == "pool beside a poller") {
    std::thread([] {
      for (;;) poll(nullptr, 0, 50);
    }).detach();
    static forgetful_pool pool;
  }
  if (how_it_hangs() == "slow logger") static slow_logger logger;
}

}  // namespace
