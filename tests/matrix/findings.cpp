// SPDX-License-Identifier: MIT
/// \file Faults for the sanitizers to find, linked with taskleak and without: both have to be told the same.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <thread>

#include <pthread.h>
#include <semaphore.h>

#define MATRIX_NOINLINE __attribute__((noinline))

namespace {

/// Written through, so that no compiler takes a block for unused.
void use(void* block) { *static_cast<volatile char*>(block) = 1; }

/// Overwrites what calls before may have left on the stack: a leak checker takes it for pointers.
MATRIX_NOINLINE void scrub_stack() {
  volatile char stack[4096];
  for (volatile char& byte : stack) byte = 0;
}

MATRIX_NOINLINE void lose_block() { use(std::malloc(1001)); }

std::atomic<bool> argument_is_lost{false};

void* lose_argument(void* argument) {
  use(argument);
  argument = nullptr;
  scrub_stack();
  argument_is_lost = true;
  return nullptr;
}

/// Waits where no register and no stack slot has the argument any more.
void* lose_argument_and_wait(void* argument) {
  lose_argument(argument);
  static sem_t never;
  sem_init(&never, 0, 0);
  for (;;) sem_wait(&never);
}

MATRIX_NOINLINE pthread_t start_with_block(void* (*function)(void*)) {
  pthread_t thread;
  pthread_create(&thread, nullptr, function, std::malloc(1002));
  return thread;
}

int raced = 0;

}  // namespace

TEST(Leak, OfABlock) {
  lose_block();
  scrub_stack();
}

TEST(Leak, OfAThreadsArgument) {
  pthread_join(start_with_block(lose_argument), nullptr);
  scrub_stack();
}

TEST(Leak, OfAParkedThreadsArgument) {
  pthread_detach(start_with_block(lose_argument_and_wait));
  while (!argument_is_lost) std::this_thread::yield();
  scrub_stack();
}

TEST(Race, OfTwoThreads) {
  std::thread one([] { ++raced; });
  std::thread two([] { ++raced; });
  one.join();
  two.join();
}

TEST(Thread, IsNeverJoined) {
  pthread_t thread;
  pthread_create(
      &thread, nullptr, [](void*) -> void* { return nullptr; }, nullptr);
}

TEST(Use, AfterFree) {
  void* volatile block = std::malloc(1003);
  std::free(block);
  use(block);
}

TEST(Integer, Overflows) {
  volatile int large = std::numeric_limits<int>::max();
  large = large + 1;
}
