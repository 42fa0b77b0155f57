// SPDX-License-Identifier: MIT
/// \file A static std::thread is joinable when its destructor runs.
#include "../gate.hpp"
#include <gtest/gtest.h>

#include <thread>

#include <pthread.h>

namespace {

std::thread forgotten;
tests::gate& never_opened = tests::eternal_gate();  // never destroyed, since that would wait for the thread

/// The thread could be woken, but nobody does so.
TEST(Static, ThreadIsNeverJoined) {
  forgotten = std::thread([] {
    pthread_setname_np(pthread_self(), "static");
    never_opened.wait();
  });
}

}  // namespace
