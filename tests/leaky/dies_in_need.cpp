// SPDX-License-Identifier: MIT
/// \file A thread that calls std::terminate where there is little of something: of its stack, of a stderr that anybody reads. And
/// a program that has taken all the keys of thread-specific data before its first thread.
#include <taskleak/guard.hpp>

#include "held.hpp"

#include <chrono>
#include <climits>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <pthread.h>
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
  if (std::strcmp(argv[1], "unread") == 0) abort_where_nobody_reads_stderr();
  if (std::strcmp(argv[1], "no_reader") == 0) abort_where_stderr_has_lost_its_reader();
  return 0;
}
