// SPDX-License-Identifier: MIT
/// \file Lets a thread whose beginning a hook has seen note its end, by the C library, in whatever way it ends.
#ifndef TASKLEAK_DETAIL_PROBE_THREAD_OWN_END_HPP
#define TASKLEAK_DETAIL_PROBE_THREAD_OWN_END_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/unseen_by_tsan.hpp>
#include <taskleak/detail/platform/changes.hpp>
#include <taskleak/detail/platform/child_process.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/probe/thread/awaited_handles.hpp>
#include <taskleak/detail/probe/thread/record_events.hpp>
#include <taskleak/detail/probe/thread/thread_record.hpp>
#include <taskleak/detail/registry/current.hpp>

#include <climits>
#include <cstdint>

#include <pthread.h>
#include <sys/prctl.h>

namespace taskleak::inline v0::detail {

extern "C" inline void taskleak_thread_finished(void* record);
/// Registers a destructor as glibc does it for thread_local objects: the destructor runs as the thread ends in any way, before
/// destructors of thread-specific data.
extern "C" int __cxa_thread_atexit_impl(void (*destructor)(void*), void* object, void* module) noexcept;

/// Returns the key of taskleak_thread_finished(); no key if the program has taken all PTHREAD_KEYS_MAX keys.
TASKLEAK_SHARED inline pthread_key_t finish_key() noexcept {
  static const pthread_key_t key = [] {
    pthread_key_t made{};
    return pthread_key_create(&made, &taskleak_thread_finished) == 0 ? made : pthread_key_t{PTHREAD_KEYS_MAX};
  }();
  return key;
}

/// Lets the thread say when it ends. Without a key, or without memory for the key's value, the thread says so as thread_local
/// objects are destroyed: then destructors of thread-specific data run after its noted end.
inline void await_own_end(thread_record& r) noexcept {
  if (pthread_setspecific(finish_key(), &r) == 0) return;
  r.rounds_of_destructors = PTHREAD_DESTRUCTOR_ITERATIONS;
  void* const in_this_module = reinterpret_cast<void*>(&taskleak_thread_finished);
  __cxa_thread_atexit_impl(&taskleak_thread_finished, &r, in_this_module);
}

/// Notes the thread's end, as a destructor of thread-specific data, which also runs after pthread_exit and cancellation.
///
/// Other destructors may park, or make threads, or set data that has to be destroyed in a further round; there are
/// PTHREAD_DESTRUCTOR_ITERATIONS (4) rounds. The thread counts as finished in the last round but one: in the last one the
/// sanitizers drop their state of the thread.
extern "C" inline void taskleak_thread_finished(void* record) {
  if (is_forked_child()) return;
  const unseen_by_tsan unseen;
  auto& r = *static_cast<thread_record*>(record);
  if (r.rounds_of_destructors < PTHREAD_DESTRUCTOR_ITERATIONS && ++r.rounds_of_destructors < PTHREAD_DESTRUCTOR_ITERATIONS - 1 &&
      pthread_setspecific(finish_key(), record) == 0)
    return;
  this_task = current_task{};
  const bool is_shown_later =
      !(r.events.load_relaxed() & thread_event::released) && !joins_under_way.has(r.handle.load_relaxed());
  if (is_shown_later || the_life_log.load_relaxed()) {
    char name[16] = {};  // the kernel forgets the name with the thread
    if (prctl(PR_GET_NAME, name) == 0) set_name(r, name);
  }
  r.finished_at_ns.store_relaxed(now_ns());
  add_event(r, thread_event::finished);
  task_ended.announce();
}

}  // namespace taskleak::inline v0::detail

#endif
