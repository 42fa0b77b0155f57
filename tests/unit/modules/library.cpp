// SPDX-License-Identifier: MIT
/// \file A shared library that makes threads; with a main line of its own when WITH_MAIN_LINE is defined.
#if defined(WITH_MAIN_LINE)
#include <taskleak/runtime.hpp>
#endif

#include "library.hpp"

namespace {

std::thread made_in_library(void* (*start)(void*), void* argument) { return std::thread(start, argument); }
int create_in_library(pthread_t* made, void* (*start)(void*), void* argument) {
  return pthread_create(made, nullptr, start, argument);
}
int join_in_library(pthread_t thread) { return pthread_join(thread, nullptr); }
int detach_in_library(pthread_t thread) { return pthread_detach(thread); }
long count_in_library() {
#if defined(WITH_MAIN_LINE)
  return static_cast<long>(taskleak::task_count());
#else
  return -1;
#endif
}

}  // namespace

extern "C" [[gnu::visibility("default")]] library_functions library() {
  return {made_in_library, create_in_library, join_in_library, detach_in_library, count_in_library};
}
