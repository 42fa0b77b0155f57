// SPDX-License-Identifier: MIT
/// \file Leads an announced thread's record through its life: born in the creator, started and finished in the thread, released
/// by whoever joins or detaches the thread.
#ifndef TASKLEAK_DETAIL_PROBE_THREAD_THREAD_LIFE_HPP
#define TASKLEAK_DETAIL_PROBE_THREAD_THREAD_LIFE_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/unseen_by_tsan.hpp>
#include <taskleak/detail/platform/changes.hpp>
#include <taskleak/detail/platform/child_process.hpp>
#include <taskleak/detail/platform/choice.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/platform/thread_handle.hpp>
#include <taskleak/detail/probe/thread/record_events.hpp>
#include <taskleak/detail/probe/thread/thread_record.hpp>
#include <taskleak/detail/registry/current.hpp>
#include <taskleak/detail/registry/registry.hpp>
#include <taskleak/detail/registry/sampling.hpp>
#include <taskleak/detail/registry/thread_announcer.hpp>
#include <taskleak/detail/unwind/own_stack.hpp>
#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/probe/thread/own_end.hpp>
#include <taskleak/detail/probe/thread/tid_behind.hpp>
#endif

#include <cstddef>
#include <cstdint>

#include <sched.h>

namespace taskleak::inline v0::detail {

/// Enters the thread in the table, and writes its handle to the creator's variable.
///
/// The creator and the thread both call this function; the first call does the work. So whoever has the handle finds the thread
/// in the table, and the creator's variable is written before the thread runs, which may free it.
inline void enter_handle(thread_record& r, thread_handle handle) noexcept {
  const unseen_by_tsan unseen;  // another thread may have had this record before
  using state = thread_record::handle_state;
  state found = state::unknown;
  if (!r.handle_is.compare_exchange(found, state::being_entered)) {
    while (r.handle_is.load_acquire() != state::entered) sched_yield();
    return;
  }
  r.handle.store_relaxed(handle);
  // the thread that had the handle before is over, even if nobody has noted its end yet
  if (thread_record* before = threads_by_handle.insert(r)) add_event(*before, thread_event::over);
  if (r.handle_for_creator) {
    *r.handle_for_creator = handle;
    r.handle_for_creator = nullptr;  // the pointer would hide a leak of that memory from LeakSanitizer
  }
  r.handle_is.store_release(state::entered);
}

#if defined(TASKLEAK_ON_LINUX)
/// Returns the size in bytes of a thread's stack without attributes; 0 when it is not known.
inline std::size_t default_stack_size() noexcept { return stack_size_of(nullptr); }

/// Notes on the new thread what it knows of itself, and lets it note its end.
inline void watch_over_own_thread(thread_record& r) noexcept {
  keep_stack_bounds(r.stack_size);
  enter_handle(r, pthread_self());
  await_own_end(r);
}
#else
inline std::size_t default_stack_size() noexcept { return 0; }

/// Does nothing: the creator enters the handle, and the wrapper of the thread's function notes the end of that function.
inline void watch_over_own_thread(thread_record&) noexcept {}

inline int own_tid_of_new_thread() noexcept { return current_tid(); }
#endif

/// Whether the creation stack of the thread that is about to be made is kept.
inline bool is_next_sampled() noexcept {
  static constinit light_atomic<std::uint64_t> threads{0};
  return sample_one_in.load_relaxed() == 1 || is_sampled(threads.fetch_add(1) + 1);
}

/// Makes the record of a thread about to be created by the calling thread; null when there is no memory for it, and in a child.
[[gnu::noinline]] inline thread_record* birth(bool detached, std::size_t stack_size = default_stack_size()) noexcept {
  if (is_forked_child()) return nullptr;
  const unseen_by_tsan unseen;
  thread_record* r = thread_records.make();
  if (!r) return nullptr;
  r->charged_to = charging_scope();
  r->created_at_ns = now_ns();
  if (this_task.tid == 0) {
    this_task.tid = current_tid();
    this_task.is_main = this_task.tid == current_pid();
  }
  r->creator_tid = this_task.tid;
  r->created_by_main = this_task.is_main;
  r->older_creators = this_task.creators;
  r->creation_depth = is_next_sampled()
                          ? static_cast<unsigned char>(capture_own_stack(r->creation_stack, thread_record::max_creation_frames))
                          : 0;
  r->stack_size = stack_size;
  if (detached) r->events.store_relaxed(thread_event::released);
  the_registry.add(*r, shard_hint());
  running_threads.fetch_add(1);
  return r;
}

/// Takes back a birth when the system refused the thread.
inline void unborn(thread_record& r) noexcept {
  const unseen_by_tsan unseen;
  running_threads.fetch_sub(1);
  the_registry.remove(r);
  thread_records.recycle(&r);
}

/// Ends the creator's part, as its last act: the record may be gone when this returns.
inline void end_birth(thread_record& r, thread_handle handle) noexcept {
  enter_handle(r, handle);
  add_event(r, thread_event::created);
}

/// Begins the record's life in the new thread, as the thread's first act.
inline void start_life(thread_record& r) noexcept {
  const unseen_by_tsan unseen;
  this_task.node = &r;
  this_task.note = &r.note;
  r.note.transfers.store_relaxed(&my_transfers);
  this_task.charging = r.charged_to == &program_scope ? nullptr : r.charged_to;
  this_task.tid = own_tid_of_new_thread();
  this_task.creators = r.older_creators.with(r.creator_tid);
  r.tid.store_release(this_task.tid);
  watch_over_own_thread(r);
}

/// Notes the thread's end, as the last act of the thread's function, where nothing else tells that the thread ends. Destructors
/// of thread_local objects run after that end.
inline void end_life(thread_record& r) noexcept {
  if (is_forked_child()) return;
  const unseen_by_tsan unseen;
  this_task = current_task{};
  r.finished_at_ns.store_relaxed(now_ns());
  add_event(r, thread_event::finished);
  task_ended.announce();
}

/// Says how a thread was released. A joined thread is over, even if its end was not noted since it left by the exit system call.
enum class release_by : unsigned char { detach, join };

/// Returns the serial of the thread with this handle; 0 when nobody announced the thread, and in a child.
inline std::uint64_t serial_of(thread_handle handle) noexcept {
  if (is_forked_child()) return 0;
  std::uint64_t serial = 0;
  threads_by_handle.with(handle, [&](thread_record& r) { serial = r.serial; });
  return serial;
}

/// Notes that a thread was joined or detached. `serial` names the thread that had the handle before that call: another thread may
/// have the handle by now.
inline void release(thread_handle handle, std::uint64_t serial, release_by how) noexcept {
  if (serial == 0) return task_ended.announce();
  thread_record* gone = nullptr;
  threads_by_handle.with(handle, [&](thread_record& r) {
    if (r.serial != serial) return;
    if (note_events(r, how == release_by::join ? thread_event::over : thread_event::released)) gone = &r;
  });
  if (gone) free_record(*gone);
  task_ended.announce();
}

/// Serves the explicit wrappers, where no hook sees the thread.
inline constexpr thread_announcer explicit_announcer {
  [](bool detached) noexcept -> void* {
    thread_record* const r = birth(detached);
    if (r && detached) r->events.store_relaxed(thread_event::released | thread_event::created);  // no creator has its handle
    return r;
  },
      [](void* record) noexcept { unborn(*static_cast<thread_record*>(record)); },
      [](void* record) noexcept { start_life(*static_cast<thread_record*>(record)); },
#if defined(TASKLEAK_ON_LINUX)
      nullptr,
#else
      [](void* record) noexcept { end_life(*static_cast<thread_record*>(record)); },
#endif
      [](void* record, std::uintptr_t handle) noexcept { end_birth(*static_cast<thread_record*>(record), handle); },
      [](std::uintptr_t handle) noexcept { return serial_of(handle); },
      [](std::uintptr_t handle, std::uint64_t serial, bool joined) noexcept {
        release(handle, serial, joined ? release_by::join : release_by::detach);
      },
};

}  // namespace taskleak::inline v0::detail

#endif
