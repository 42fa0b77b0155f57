// SPDX-License-Identifier: MIT
/// \file The program ends on a thread called "loader", in as many ways as there are, beside a thread that has nothing to do with
/// it.
#include "held.hpp"
#include <gtest/gtest.h>

#include <cassert>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <new>
#include <stdexcept>

namespace {

[[gnu::noinline]] void parse_config() { throw std::runtime_error("no such file\nnor folder"); }

/// Runs the function on a thread of the name.
void on_loader(void (*function)()) {
  new std::thread(leaky::waiting_thread("healthy"));
  std::thread([function] {
    pthread_setname_np(pthread_self(), "loader");
    function();
  }).join();
}

TEST(Dies, OfAnException) { on_loader(parse_config); }

TEST(Dies, OfAnExceptionOfAnotherType) {
  on_loader([] { throw 42; });
}

[[gnu::noinline]] void parse_without_fail() noexcept { parse_config(); }
TEST(Dies, OfAnExceptionInANoexceptFunction) { on_loader(parse_without_fail); }

[[gnu::noinline]] void parse_and_pass_on() {
  try {
    parse_config();
  } catch (...) {
    throw;
  }
}
TEST(Dies, OfAnExceptionThatWasCaughtAndThrownAgain) { on_loader(parse_and_pass_on); }

[[gnu::noinline]] void throw_nothing() { throw; }
TEST(Dies, OfAThrowWithoutAnException) { on_loader(throw_nothing); }

[[gnu::noinline]] void give_up() { std::terminate(); }
TEST(Dies, OfTerminate) { on_loader(give_up); }

[[gnu::noinline]] void parse_and_give_up() {
  try {
    parse_config();
  } catch (...) {
    std::terminate();
  }
}
TEST(Dies, OfTerminateInAHandler) { on_loader(parse_and_give_up); }

[[gnu::noinline]] void forget_a_thread() {
  std::thread forgotten([] { leaky::wait_for_ever(leaky::eternal_gate()); });
}
TEST(Dies, OfAJoinableThread) { on_loader(forget_a_thread); }

struct plugin {
  plugin() { start(); }
  virtual ~plugin() = default;
  [[gnu::noinline]] void start() { load(); }
  virtual void load() = 0;
};
struct loaded_plugin : plugin {
  void load() override {}
};
[[gnu::noinline]] void make_plugin() { loaded_plugin made; }
TEST(Dies, OfAPureVirtualCall) { on_loader(make_plugin); }

[[gnu::noinline]] void abort_loading() { std::abort(); }
TEST(Dies, OfAbort) { on_loader(abort_loading); }

[[gnu::noinline]] void check_config() {
#undef NDEBUG
#include <cassert>
  assert(!"the file is good");
}
TEST(Dies, OfAnAssertion) { on_loader(check_config); }

[[gnu::noinline]] void raise_abort() { std::raise(SIGABRT); }
TEST(Dies, OfRaise) { on_loader(raise_abort); }

[[gnu::noinline]] void free_twice() {
  void* volatile block = std::malloc(40);
  std::free(block);
  std::free(block);
}
TEST(Dies, OfTheAllocator) { on_loader(free_twice); }

/// Whoever describes the threads stands still: a lock it needs is held for ever.
TEST(Dies, WhileALockIsHeld) {
  flockfile(stdout);
  on_loader(give_up);
}

}  // namespace
