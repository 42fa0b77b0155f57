// SPDX-License-Identifier: MIT
/// \file Tests in a program that knows where its blocks were allocated.
#include <taskleak/allocation_sites.hpp>

#include "../gate.hpp"
#include "../unit/parked_thread.hpp"
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <malloc.h>
#include <sys/syscall.h>

namespace {

void leave_at(std::shared_ptr<tests::gate> gate) {
  const auto tid = std::make_shared<unit::told_tid>();
  std::thread([tid, gate = std::move(gate)] {
    tid->tell();
    gate->wait();
  }).detach();
  unit::until_parked_in(tid->get(), SYS_futex);
}

std::shared_ptr<tests::gate> make_gate() {
  return std::make_shared<tests::gate>();  // the line of the report
}

TEST(Allocated, WaitsAtAGateOfMakeShared) { leave_at(make_gate()); }

TEST(Allocated, WaitsInABlockThatHasBeenMoved) {
  // one that realloc() has given: the line is that of the second call
  void* block = std::malloc(1);
  block = std::realloc(block, sizeof(tests::gate));
  leave_at({new (block) tests::gate, [](tests::gate*) {}});
}

// ---- the functions do what libc's do

TEST(Functions, AlignAsTheyAreAsked) {
  void* block = nullptr;
  ASSERT_EQ(posix_memalign(&block, 256, 100), 0);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % 256, 0u);
  std::free(block);
  block = std::aligned_alloc(512, 512);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % 512, 0u);
  std::free(block);
  block = memalign(128, 1);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % 128, 0u);
  std::free(block);
  EXPECT_EQ(posix_memalign(&block, 3, 100), EINVAL);
}

TEST(Functions, ClearWhatCallocGives) {
  for (int i = 0; i < 100; ++i) {
    auto* const dirty = static_cast<unsigned char*>(std::malloc(500));
    std::memset(dirty, 0xFF, 500);
    std::free(dirty);
    auto* const clear = static_cast<unsigned char*>(std::calloc(100, 5));
    ASSERT_EQ(std::count(clear, clear + 500, 0), 500);
    std::free(clear);
  }
}

TEST(Functions, FailAsLibcsDo) {
  volatile std::size_t too_much = PTRDIFF_MAX;
  errno = 0;
  EXPECT_EQ(std::malloc(too_much), nullptr);
  EXPECT_EQ(errno, ENOMEM);
  char* volatile block = static_cast<char*>(std::malloc(10));
  std::strcpy(block, "text");
  EXPECT_EQ(std::realloc(block, too_much), nullptr);
  EXPECT_STREQ(block, "text");
  std::free(block);
}

TEST(Functions, AreUsedByManyThreadsAtATime) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([] {
      for (int round = 0; round < 5; ++round) {
        std::map<int, std::string> texts;
        for (int i = 0; i < 2000; ++i) texts[i * 7919 % 5000] = std::string(static_cast<std::size_t>(20 + i % 50), 'x');
      }
    });
  for (std::thread& t : threads) t.join();
}

}  // namespace
