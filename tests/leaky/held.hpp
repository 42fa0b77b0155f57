// SPDX-License-Identifier: MIT
/// \file Threads that wait for ever, and gates to know that they do.
#ifndef TASKLEAK_TESTS_LEAKY_HELD_HPP
#define TASKLEAK_TESTS_LEAKY_HELD_HPP

#include "../gate.hpp"

#include <thread>

#include <pthread.h>

namespace leaky {

using tests::eternal_gate;
using tests::gate;

[[gnu::noinline]] inline void wait_for_ever(gate& never) { never.wait(); }

/// Returns a thread that has the name and waits for ever.
inline std::thread waiting_thread(const char* name) {
  gate& named = eternal_gate();
  gate& never = eternal_gate();
  std::thread made([&named, &never, name] {
    pthread_setname_np(pthread_self(), name);
    named.open();
    wait_for_ever(never);
  });
  named.wait();
  return made;
}

}  // namespace leaky

#endif
