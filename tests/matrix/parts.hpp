// SPDX-License-Identifier: MIT
/// \file Ways to start a thread that waits: each in a binary of its own kind, each waiting in a way of its own.
#ifndef TASKLEAK_TESTS_MATRIX_PARTS_HPP
#define TASKLEAK_TESTS_MATRIX_PARTS_HPP

#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <thread>

#include <pthread.h>
#include <semaphore.h>

#define MATRIX_NOINLINE __attribute__((noinline))

/// A std::thread, started by a shared library, that waits for a condition variable.
class __attribute__((visibility("default"))) shared_part {
 public:
  void start();
  void finish();

 private:
  void wait();

  std::mutex mutex_;
  std::condition_variable changed_;
  bool finished_ = false;
  std::thread thread_;
};

/// A raw pthread, started by a static library, that waits for a semaphore.
class static_part {
 public:
  void start();
  void finish();

 private:
  static void* wait(void* part);

  sem_t finished_;
  pthread_t thread_;
};

#endif
