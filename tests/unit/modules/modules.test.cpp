// SPDX-License-Identifier: MIT
/// \file Threads that shared libraries make, join and detach, also where a library has a main line compiled in.
///
/// LIBRARY_LINKED: the library is linked; LIBRARY_PATH: it is loaded by dlopen.
#include "../parked_thread.hpp"
#include "library.hpp"

#include <dlfcn.h>
#include <sys/wait.h>

#if defined(LIBRARY_LINKED)
extern "C" library_functions library();
#endif

namespace {

using namespace unit;

library_functions the_library() {
#if defined(LIBRARY_LINKED)
  return library();
#else
  static void* const loaded = dlopen(LIBRARY_PATH, RTLD_NOW);
  if (!loaded) throw std::runtime_error(dlerror());
  return reinterpret_cast<library_entry*>(dlsym(loaded, "library"))();
#endif
}

struct station {
  gate leave;
  told_tid tid;
};

void* wait_at(void* at) {
  auto& here = *static_cast<station*>(at);
  here.tid.tell();
  here.leave.wait();
  return nullptr;
}

class Modules : public testing::Test {
 protected:
  void expect_seen(const char* creator) {
    const taskleak::straggler found = parked_thread(held.tid.get());
    EXPECT_EQ(found.created_by, "main thread");
    EXPECT_EQ(found.scope, this_test());
    EXPECT_TRUE(has_function(found.creation_stack, creator)) << in_words(found);
    EXPECT_TRUE(has_function(found.creation_stack, "TestBody()")) << in_words(found);
    EXPECT_EQ(taskleak::task_count(), 1u);
    if (SAME_REGISTRY) {
      EXPECT_EQ(lib.count_tasks(), 1);
    }
  }

  library_functions lib = the_library();
  station held;
};

TEST_F(Modules, AStdThreadOfALibraryIsSeenAndForgotten) {
  std::thread thread = lib.make_std_thread(wait_at, &held);
  expect_seen("made_in_library");
  held.leave.open();
  thread.join();
  EXPECT_EQ(taskleak::task_count(), 0u);
}

TEST_F(Modules, APosixThreadOfALibraryIsSeenAndForgottenWhenTheLibraryJoinsIt) {
  pthread_t thread;
  ASSERT_EQ(lib.make_posix_thread(&thread, wait_at, &held), 0);
  expect_seen("create_in_library");
  held.leave.open();
  EXPECT_EQ(lib.join(thread), 0);
  EXPECT_EQ(taskleak::task_count(), 0u);
}

TEST_F(Modules, AThreadOfALibraryIsForgottenWhenTheProgramJoinsIt) {
  pthread_t thread;
  ASSERT_EQ(lib.make_posix_thread(&thread, wait_at, &held), 0);
  held.leave.open();
  EXPECT_EQ(pthread_join(thread, nullptr), 0);
  EXPECT_EQ(taskleak::task_count(), 0u);
}

TEST_F(Modules, AThreadOfTheProgramIsForgottenWhenALibraryJoinsIt) {
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, nullptr, wait_at, &held), 0);
  expect_seen("TestBody()");
  held.leave.open();
  EXPECT_EQ(lib.join(thread), 0);
  EXPECT_EQ(taskleak::task_count(), 0u);
}

TEST_F(Modules, AThreadThatALibraryDetachesIsForgottenWhenItEnds) {
  pthread_t thread;
  ASSERT_EQ(lib.make_posix_thread(&thread, wait_at, &held), 0);
  EXPECT_EQ(lib.detach(thread), 0);
  expect_seen("create_in_library");
  held.leave.open();
  until_registry_is_empty();
}

TEST_F(Modules, AThreadOfALibraryMayMakeThreads) {
  std::thread thread = lib.make_std_thread(
      [](void* at) -> void* {
        std::thread(wait_at, at).join();
        return nullptr;
      },
      &held);
  const taskleak::straggler found = parked_thread(held.tid.get());
  EXPECT_EQ(found.scope, this_test()) << "a child is charged as its creator is";
  held.leave.open();
  thread.join();
  EXPECT_EQ(taskleak::task_count(), 0u);
}

TEST_F(Modules, ForkFindsEveryLockFree) {
  const pid_t child = fork();
  if (child == 0) {
    pthread_t thread;
    station* open = new station;
    open->leave.open();
    _exit(lib.make_posix_thread(&thread, wait_at, open) == 0 && lib.join(thread) == 0 ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
