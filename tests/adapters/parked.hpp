// SPDX-License-Identifier: MIT
/// \file Threads that wait until a test says otherwise, and one that nobody can end.
#ifndef TASKLEAK_TESTS_ADAPTERS_PARKED_HPP
#define TASKLEAK_TESTS_ADAPTERS_PARKED_HPP

#include "../gate.hpp"

#include <thread>

#include <pthread.h>

namespace parked {

using tests::eternal_gate;
using tests::gate;

inline gate& never_opened() {
  static gate& only = eternal_gate();
  return only;
}

/// Returns when the thread it leaves has the name.
inline void leave_thread(const char* name = "parked") {
  gate& named = eternal_gate();
  std::thread([&named, name] {
    pthread_setname_np(pthread_self(), name);
    named.open();
    never_opened().wait();
  }).detach();
  named.wait();
}

/// A thread that waits at a gate of its own until it is told to end; the clean twin of leave_thread().
class ended_thread {
 public:
  ended_thread() : thread_([this] { gate_.wait(); }) {}
  ~ended_thread() {
    gate_.open();
    thread_.join();
  }

 private:
  gate gate_;
  std::thread thread_;
};

}  // namespace parked

#endif
