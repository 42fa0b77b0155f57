// SPDX-License-Identifier: MIT
/// \file What the shared libraries of these tests can do.
#ifndef TASKLEAK_TESTS_UNIT_MODULES_LIBRARY_HPP
#define TASKLEAK_TESTS_UNIT_MODULES_LIBRARY_HPP

#include <cstddef>
#include <thread>

#include <pthread.h>

struct library_functions {
  /// Makes a thread by std::thread, or by a pthread_create in the library itself.
  std::thread (*make_std_thread)(void* (*start)(void*), void* argument);
  int (*make_posix_thread)(pthread_t* made, void* (*start)(void*), void* argument);
  int (*join)(pthread_t thread);
  int (*detach)(pthread_t thread);
  /// The live tasks as seen in the library; -1 when it has no main line of its own.
  long (*count_tasks)();
};

/// The one function a library exports.
using library_entry = library_functions();

#endif
