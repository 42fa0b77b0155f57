// SPDX-License-Identifier: MIT
/// \file libdw as a walker by itself, in a program that is built with it. blocking.test.cpp holds our own walker against it.
#include <taskleak/detail/platform/parked_call.hpp>
#include <taskleak/detail/unwind/libdw_walker.hpp>
#include <taskleak/detail/unwind/stack_walker.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

using taskleak::detail::libdw_walker;
using taskleak::detail::parked_call;
using taskleak::detail::raw_stack;
using taskleak::detail::walk_by_libdw;
using taskleak::detail::walk_by_own;
using taskleak::detail::walk_parked_stack;

/// A thread in sem_wait().
class parked_thread {
 public:
  parked_thread()
      : thread_([this] {
          tid_ = static_cast<int>(syscall(SYS_gettid));
          while (sem_wait(&end_) != 0) {
          }
        }) {
    do {
      sched_yield();
      if (tid_ != 0) at_ = taskleak::detail::read_parked_call(tid_);
    } while (at_.what != parked_call::kind::blocked || at_.number != SYS_futex);
  }
  ~parked_thread() {
    sem_post(&end_);
    thread_.join();
  }
  std::uintptr_t sp() const { return at_.sp; }
  std::uintptr_t pc() const { return at_.pc; }

 private:
  sem_t end_{};
  std::atomic<int> tid_{0};
  parked_call at_;
  std::thread thread_;
};

TEST(LibdwWalker, ComesToWhereTheThreadBegan) {
  const parked_thread thread;
  const raw_stack found = walk_by_libdw(thread.sp(), thread.pc());
  EXPECT_TRUE(found.complete);
  EXPECT_GT(found.addresses.size(), 3u);
  EXPECT_EQ(found.addresses, walk_by_own(thread.sp(), thread.pc()).addresses);
  EXPECT_EQ(found.addresses, walk_parked_stack(thread.sp(), thread.pc()).addresses);
}

TEST(LibdwWalker, SaysThatAStackIsNotCompleteWhereThereIsNone) {
  const parked_thread thread;
  EXPECT_FALSE(walk_by_libdw(16, thread.pc()).complete);
  EXPECT_FALSE(walk_by_libdw(thread.sp(), 16).complete);
  EXPECT_FALSE(walk_by_libdw(0, 0).complete);
  EXPECT_FALSE(walk_parked_stack(16, thread.pc()).complete);
  EXPECT_TRUE(walk_by_libdw(thread.sp(), thread.pc()).complete) << "what was before does not matter";
}

/// Files that are mapped to be read, each next to where the loader has put a module.
class mapped_libraries {
 public:
  mapped_libraries() {
    std::vector<std::string> paths;
    dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* result) {
          if (*info->dlpi_name) static_cast<std::vector<std::string>*>(result)->push_back(info->dlpi_name);
          return 0;
        },
        &paths);
    for (const std::string& path : paths) {
      const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
      struct stat what {};
      if (file < 0) continue;
      if (fstat(file, &what) == 0) {
        const auto size = static_cast<std::size_t>(what.st_size);
        if (void* const at = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0); at != MAP_FAILED) maps_.push_back({at, size});
      }
      close(file);
    }
  }
  ~mapped_libraries() {
    for (const auto& m : maps_) munmap(m.at, m.size);
  }
  std::size_t count() const { return maps_.size(); }

 private:
  struct map {
    void* at;
    std::size_t size;
  };
  std::vector<map> maps_;
};

TEST(LibdwWalker, IsNotMisledByFilesThatAreMappedToBeRead) {
  const parked_thread thread;
  const mapped_libraries mapped;
  ASSERT_GT(mapped.count(), 2u);
  EXPECT_TRUE(libdw_walker().walk(thread.sp(), thread.pc()).complete);
}

TEST(LibdwWalker, IsStaleWhenAModuleHasBeenLoadedSince) {
  const libdw_walker before;
  EXPECT_FALSE(before.is_stale());
  void* library = nullptr;
  for (const char* const name : {"libanl.so.1", "libBrokenLocale.so.1", "libresolv.so.2", "libutil.so.1"})
    if (!dlopen(name, RTLD_NOW | RTLD_NOLOAD) && (library = dlopen(name, RTLD_NOW)) != nullptr) break;
  if (!library) GTEST_SKIP() << "no library to load";
  EXPECT_TRUE(before.is_stale());
  EXPECT_FALSE(libdw_walker().is_stale());
  dlclose(library);
}

TEST(LibdwWalker, WalksForSeveralThreadsAtOnce) {
  const parked_thread parked;
  std::atomic<int> complete{0};
  std::vector<std::thread> looking;
  for (int i = 0; i < 4; ++i)
    looking.emplace_back([&] {
      for (int k = 0; k < 50; ++k) complete += walk_by_libdw(parked.sp(), parked.pc()).complete ? 1 : 0;
    });
  for (std::thread& t : looking) t.join();
  EXPECT_EQ(complete, 4 * 50);
}

}  // namespace
