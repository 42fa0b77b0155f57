// SPDX-License-Identifier: MIT
/// \file One test that leaves four threads, and its clean twin. Nothing here knows taskleak: it is linked with it and without.
#include "parts.hpp"
#include <gtest/gtest.h>

#include <unistd.h>

namespace {

/// A std::async that waits for a promise.
class async_part {
 public:
  void start() {
    result_ = std::async(std::launch::async, [this] { return wait(); });  // the start of async
  }

  void finish() {
    promise_.set_value(1);
    result_.get();
  }

 private:
  MATRIX_NOINLINE int wait() { return promise_.get_future().get() + 1; }  // the wait of async

  std::promise<int> promise_;
  std::future<int> result_;
};

/// A std::jthread that reads from a pipe.
class jthread_part {
 public:
  MATRIX_NOINLINE void start() {
    ASSERT_EQ(pipe(ends_), 0);
    thread_ = std::jthread([this] { wait(); });  // the start of jthread
  }

  void finish() {
    close(ends_[1]);
    thread_.join();
    close(ends_[0]);
  }

 private:
  MATRIX_NOINLINE void wait() {
    char byte = 0;
    got_ = read(ends_[0], &byte, 1);  // the wait of jthread
  }

  int ends_[2] = {};
  ssize_t got_ = 0;
  std::jthread thread_;
};

struct all_parts {
  shared_part shared;
  static_part raw;
  async_part async;
  jthread_part jthread;
  bool started = false;

  MATRIX_NOINLINE void start() {
    shared.start();   // starts the shared library's
    raw.start();      // starts the static library's
    async.start();    // starts async
    jthread.start();  // starts jthread
    started = true;   // so that the call above is no tail call, which would leave no frame
  }

  void finish() {
    shared.finish();
    raw.finish();
    async.finish();
    jthread.finish();
  }
};

/// Holds what is leaked where a leak checker finds it.
all_parts* left_behind = nullptr;

}  // namespace

TEST(Parts, AreLeftBehind) {
  left_behind = new all_parts;
  left_behind->start();
  ASSERT_TRUE(left_behind->started);
}

TEST(Parts, AreFinished) {
  const auto parts = std::make_unique<all_parts>();
  parts->start();
  parts->finish();
}
