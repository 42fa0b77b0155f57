// SPDX-License-Identifier: MIT
/// \file Tells whether this is a child of the process that is tracked, where a process can have one.
#ifndef TASKLEAK_DETAIL_PLATFORM_PORTABLE_CHILD_PROCESS_HPP
#define TASKLEAK_DETAIL_PLATFORM_PORTABLE_CHILD_PROCESS_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/light_atomic.hpp>

#if !defined(_WIN32) && __has_include(<pthread.h>)
#include <pthread.h>
#endif

namespace taskleak::inline v0::detail {

/// Is true in a child of fork(2), which has its parent's memory, one thread, and tracks nothing.
TASKLEAK_SHARED inline constinit light_atomic<bool> this_is_a_child{false};

/// Says whether mark_process() was called, once for all modules that hold a main line.
TASKLEAK_SHARED inline constinit light_atomic<bool> process_is_marked{false};

inline bool is_forked_child() noexcept { return this_is_a_child.load_relaxed(); }

/// Marks the calling process as a child; a child that was made past fork(3) is not told.
inline bool in_child_process() noexcept { return is_forked_child(); }
inline bool in_forked_child() noexcept { return in_child_process(); }

inline void mark_process() noexcept {
  if (process_is_marked.exchange(true)) return;
#if !defined(_WIN32) && __has_include(<pthread.h>)
  pthread_atfork(nullptr, nullptr, [] { this_is_a_child.store_relaxed(true); });
#endif
}

}  // namespace taskleak::inline v0::detail

#endif
