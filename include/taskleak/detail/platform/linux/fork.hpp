// SPDX-License-Identifier: MIT
/// \file What a fork does to the registry: the child has its records but one thread, and tracks nothing.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_FORK_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_FORK_HPP

#include <taskleak/detail/coroutine/table.hpp>
#include <taskleak/detail/platform/linux/thread_life.hpp>

#include <pthread.h>

namespace taskleak::inline v0::detail {

/// In the order in which free_record() and the rest could nest them: the child must find every lock free.
inline void lock_for_fork() noexcept {
  threads_by_handle.lock_all();
  the_registry.lock_all();
  thread_records.lock().lock();
  all_coroutines.lock_all();
}

inline void unlock_after_fork() noexcept {
  all_coroutines.unlock_all();
  thread_records.lock().unlock();
  the_registry.unlock_all();
  threads_by_handle.unlock_all();
}

inline void begin_child() noexcept {
  unlock_after_fork();
  forked_child.store(true);
}

/// One for all modules that hold a main line: the locks must not be taken twice.
TASKLEAK_SHARED inline constinit light_atomic<bool> fork_watch_begun{false};

namespace {
/// Before main(), with the first of the modules that hold a main line.
[[gnu::used]] inline const bool fork_is_watched = [] {
  if (fork_watch_begun.exchange(true)) return true;
  tracked_pid.store(current_pid());
  pthread_atfork(&lock_for_fork, &unlock_after_fork, &begin_child);
  return true;
}();
}  // namespace

}  // namespace taskleak::inline v0::detail

#endif
