// SPDX-License-Identifier: MIT
/// \file What the library without names can do.
#ifndef TASKLEAK_TESTS_WRITTEN_NAMELESS_HPP
#define TASKLEAK_TESTS_WRITTEN_NAMELESS_HPP

#include <pthread.h>

struct nameless_calls {
  void (*make_one)(pthread_t*);
  void (*make_other)(pthread_t*);
};

[[gnu::visibility("default")]] nameless_calls nameless();

#endif
