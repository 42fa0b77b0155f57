// SPDX-License-Identifier: MIT
/// \file A leaked thread uses memory that the destructor of a static object has given back.
#include "held.hpp"
#include <gtest/gtest.h>

#include <sys/mman.h>
#include <unistd.h>

namespace {

struct mapped_page {
  void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  leaky::gate& given_back = leaky::eternal_gate();

  ~mapped_page() {
    munmap(page, 4096);
    given_back.open();
    for (;;) pause();  // until the thread has crashed
  }
};

mapped_page shared;

TEST(Touches, ADestroyedStatic) {
  std::thread([page = shared.page, &given_back = shared.given_back] {
    given_back.wait();
    *static_cast<volatile char*>(page) = 1;
  }).detach();
}

}  // namespace
