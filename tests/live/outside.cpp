// SPDX-License-Identifier: MIT
/// \file A program that is looked at from outside: `outside wait` until its standard input ends, `outside crash` when it has
/// crashed.
#include <taskleak/blocking_region.hpp>

#include "../gate.hpp"

#include <coroutine>
#include <cstdlib>
#include <iostream>
#include <string_view>
#include <thread>
#include <utility>

#include <pthread.h>
#include <unistd.h>

namespace {

/// A coroutine that resumes who awaits it when it ends.
class task {
 public:
  struct promise_type {
    std::coroutine_handle<> continuation;
    task get_return_object() { return task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };

  explicit task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  task(task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  ~task() {
    if (handle_) handle_.destroy();
  }
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> who) noexcept { handle_.promise().continuation = who; }
  void await_resume() const noexcept {}

 private:
  std::coroutine_handle<promise_type> handle_;
};

std::coroutine_handle<> order;

struct next_order {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> who) const noexcept { order = who; }
  void await_resume() const noexcept {}
};

[[gnu::noinline]] void fill(int number) {
  std::cout << "order " << number << std::endl;
  std::abort();
}

task take_order(int number) {
  int price = number * 7;
  co_await next_order{};  // the order
  fill(price);
}

task serve() {
  int served = 3;
  co_await take_order(served);  // the serving
  std::cout << served;
}

tests::gate gate;

[[gnu::noinline]] void send() {
  taskleak::blocking_region sending("channel send");
  gate.wait();
  asm volatile("");
}

}  // namespace

int main(int, char** arguments) {
  task server = serve();
  if (std::string_view(arguments[1]) == "crash") order.resume();
  std::thread sender(send);
  pthread_setname_np(sender.native_handle(), "sender");
  std::cout << getpid() << std::endl;
  char end = 0;
  while (read(0, &end, 1) > 0) {
  }
  gate.open();
  sender.join();
}
