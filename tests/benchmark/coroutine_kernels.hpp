// SPDX-License-Identifier: MIT
/// \file What is done with coroutines. coroutine_kernels.cpp is compiled twice, once with taskleak/track_coroutines.hpp in front.
#ifndef TASKLEAK_TESTS_BENCHMARK_COROUTINE_KERNELS_HPP
#define TASKLEAK_TESTS_BENCHMARK_COROUTINE_KERNELS_HPP

#include <coroutine>
#include <cstddef>
#include <vector>

using coroutine_handles = std::vector<std::coroutine_handle<>>;

// clang-format off
#define TASKLEAK_BENCHMARK_KERNELS                                                             \
  /* Creates one that runs to its co_await, resumes it, and destroys it at its end. */         \
  void suspend_once();                                                                         \
  /* Awaits one that starts when it is awaited. */                                             \
  void await_lazy();                                                                           \
  /* Awaits one that has come to a co_await by then, and is resumed. */                        \
  void await_eager();                                                                          \
  /* Appends one that is suspended. */                                                         \
  void park(coroutine_handles& to);                                                            \
  /* Appends one that awaits another, which is suspended, in one of 64 pairs of functions. */  \
  void park_pair(coroutine_handles& to, std::size_t which);                                    \
  /* In bytes, of those that park() makes. */                                                  \
  std::size_t frame_size();                                                                    \
  /* In bytes, of one that awaits a task once, and of one that does so five times. */          \
  std::size_t frame_size_of_one_await();                                                       \
  std::size_t frame_size_of_five_awaits();
// clang-format on

namespace untracked {
TASKLEAK_BENCHMARK_KERNELS
}
namespace tracked {
TASKLEAK_BENCHMARK_KERNELS
}

#undef TASKLEAK_BENCHMARK_KERNELS

#endif
