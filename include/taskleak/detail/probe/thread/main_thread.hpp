// SPDX-License-Identifier: MIT
/// \file Keeps the record of the main thread, which nobody creates.
#ifndef TASKLEAK_DETAIL_PROBE_THREAD_MAIN_THREAD_HPP
#define TASKLEAK_DETAIL_PROBE_THREAD_MAIN_THREAD_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/base/own_statics.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/probe/thread/live_thread.hpp>
#include <taskleak/detail/registry/current.hpp>

#include <cstring>

namespace taskleak::inline v0::detail {

/// Holds what the main thread says of its own wait. The main thread is in no list of tasks, since no check may report it.
TASKLEAK_SHARED inline constinit wait_note note_of_main_thread;

#if defined(TASKLEAK_ON_LINUX)
/// Is 0 until the main thread is on record.
TASKLEAK_SHARED inline constinit light_atomic<thread_handle> handle_of_main_thread{};
#endif

/// Puts the main thread on record; to be called before main(). Does nothing on another thread, such as one that loads a library
/// with a main line: then nobody sees the main thread's blocking_regions.
inline void announce_main_thread() noexcept {
  if (current_tid() != current_pid()) return;
  this_task.note = &note_of_main_thread;
  note_of_main_thread.transfers.store_relaxed(&my_transfers);
#if defined(TASKLEAK_ON_LINUX)
  handle_of_main_thread.store_release(pthread_self());
#endif
  own_statics.add(&this_task, sizeof this_task);
  own_statics.add(&program_scope, sizeof program_scope);
}

/// Returns what is known of the main thread, in the form of the other threads.
inline live_thread copy_main_thread() noexcept {
  live_thread main;
  main.is_main = true;
  main.tid = current_pid();
  std::strcpy(main.name, name_of_main_thread);
  main.note = &note_of_main_thread;
  main.note_changes = note_of_main_thread.changes.load_acquire();
  main.region = note_of_main_thread.innermost.load_acquire();
  return main;
}

/// Returns what is known of the thread with this id: of one that nobody announced, its id alone.
inline live_thread copy_thread(int tid) {
  if (tid == current_pid()) return copy_main_thread();
  light_vector<live_thread> announced =
      copy_threads_younger_than(0, [tid](const thread_record& r) { return r.tid.load_acquire() == tid; });
  // the record may have been another thread's, or nobody's, by the time it was copied
  if (!announced.empty() && announced.back().tid == tid) return announced.back();
  live_thread other;
  other.tid = tid;
  return other;
}

}  // namespace taskleak::inline v0::detail

#endif
