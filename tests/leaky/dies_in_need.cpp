// SPDX-License-Identifier: MIT
/// \file A thread that calls std::terminate where there is little of something: of its stack, of a stderr that anybody reads. And
/// a program that has taken all the keys of thread-specific data before its first thread.
#include <taskleak/guard.hpp>

#include "held.hpp"

#include <chrono>
#include <climits>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

namespace {

void terminate_on_small_stack() {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, std::size_t{20} * 1024);
  pthread_t thread;
  pthread_create(
      &thread, &attributes, [](void*) -> void* { std::terminate(); }, nullptr);
  pthread_join(thread, nullptr);
}

/// As crash handlers do: on an alternative stack, which here has room for the frames of two signals and little more.
void abort_in_a_handler_on_a_small_stack() {
  const std::size_t page = 4096;
  const std::size_t size = (2 * getauxval(AT_MINSIGSTKSZ) + 5 * 1024) / page * page + page;
  // what lies below cannot be written to
  auto* const low = static_cast<char*>(mmap(nullptr, page + size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  mprotect(low + page, size, PROT_READ | PROT_WRITE);
  stack_t alternative{};
  alternative.ss_sp = low + page;
  alternative.ss_size = size;
  sigaltstack(&alternative, nullptr);
  struct sigaction handler {};
  handler.sa_handler = [](int) { std::abort(); };
  handler.sa_flags = SA_ONSTACK;
  sigaction(SIGSEGV, &handler, nullptr);
  std::raise(SIGSEGV);
}

/// Aborts with a cancellation under way, which waits for a point where the thread may end.
void abort_while_cancelled() {
  std::thread([] {
    pthread_cancel(pthread_self());
    std::abort();
  }).join();
}

/// Makes a pipe stderr; the end to read from.
int make_stderr_a_pipe() {
  int ends[2];
  if (pipe(ends) != 0 || dup2(ends[1], STDERR_FILENO) < 0) std::exit(77);
  close(ends[1]);
  return ends[0];
}

void abort_on_thread() {
  std::thread([] { std::abort(); }).join();
}

void abort_where_nobody_reads_stderr() {
  make_stderr_a_pipe();
  const char text[4096] = {};
  fcntl(STDERR_FILENO, F_SETFL, O_NONBLOCK);
  while (write(STDERR_FILENO, text, sizeof text) > 0) {
  }
  fcntl(STDERR_FILENO, F_SETFL, 0);
  abort_on_thread();
}

void abort_where_stderr_has_lost_its_reader() {
  close(make_stderr_a_pipe());
  abort_on_thread();
}

/// Each has a value of the main thread, and none of another.
int take_every_key() {
  std::vector<pthread_key_t> keys;
  for (pthread_key_t key; pthread_key_create(&key, nullptr) == 0; keys.push_back(key)) pthread_setspecific(key, &keys);
  bool is_untouched = true;
  {
    taskleak::guard guard;
    for (int i = 0; i < 3; ++i)
      std::thread([&] {
        for (const pthread_key_t key : keys) is_untouched = is_untouched && !pthread_getspecific(key);
      }).join();
  }
  std::printf("keys: %s\n", keys.size() > PTHREAD_KEYS_MAX / 2 ? "all" : "some");
  std::printf("values of other threads: %s\n", is_untouched ? "none" : "some");
  taskleak::guard guard(taskleak::wait_up_to(std::chrono::milliseconds(1)));
  leaky::waiting_thread("left").detach();
  return 0;
}

}  // namespace

int main(int, char** argv) {
  if (std::strcmp(argv[1], "keys") == 0) return take_every_key();
  { taskleak::guard guard; }  // begins the run
  if (std::strcmp(argv[1], "stack") == 0) terminate_on_small_stack();
  if (std::strcmp(argv[1], "handler") == 0) std::thread(abort_in_a_handler_on_a_small_stack).join();
  if (std::strcmp(argv[1], "cancelled") == 0) abort_while_cancelled();
  if (std::strcmp(argv[1], "unread") == 0) abort_where_nobody_reads_stderr();
  if (std::strcmp(argv[1], "no_reader") == 0) abort_where_stderr_has_lost_its_reader();
  return 0;
}
