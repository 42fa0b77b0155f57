// SPDX-License-Identifier: MIT
/// \file The life of an announced thread's record: born in the creator, started and finished in the thread, released by whoever
/// joins or detaches.
#ifndef TASKLEAK_DETAIL_PROBE_THREAD_THREAD_LIFE_HPP
#define TASKLEAK_DETAIL_PROBE_THREAD_THREAD_LIFE_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/hash_mix.hpp>
#include <taskleak/detail/base/unseen_by_tsan.hpp>
#include <taskleak/detail/platform/changes.hpp>
#include <taskleak/detail/platform/child_process.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/probe/thread/left_by_longjmp.hpp>
#include <taskleak/detail/probe/thread/thread_record.hpp>
#include <taskleak/detail/registry/current.hpp>
#include <taskleak/detail/registry/registry.hpp>
#include <taskleak/detail/registry/thread_announcer.hpp>
#include <taskleak/detail/unwind/own_stack.hpp>

#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <pthread.h>
#include <sys/prctl.h>

namespace taskleak::inline v0::detail {

/// The handles that a pthread_join is waiting for: such a thread leaves no record behind, and saves itself what a record is kept
/// for.
///
/// One handle may displace another that falls into the same place, whose thread then does a little more than it needs to.
class awaited_handles {
 public:
  constexpr awaited_handles() noexcept = default;

  bool has(pthread_t handle) const noexcept { return places_[index_of(handle)].load_relaxed() == handle; }
  void add(pthread_t handle) noexcept { places_[index_of(handle)].store_relaxed(handle); }
  void remove(pthread_t handle) noexcept {
    if (has(handle)) places_[index_of(handle)].store_relaxed(pthread_t{});
  }

 private:
  static constexpr unsigned bits = 6;
  static std::size_t index_of(pthread_t handle) noexcept { return spread(std::uint64_t{handle} >> 12, bits); }
  light_atomic<pthread_t> places_[std::size_t{1} << bits]{};
};

TASKLEAK_SHARED inline constinit awaited_handles joins_under_way;

/// For the time of a join, also one that is cancelled or left by longjmp().
class awaited_end {
 public:
  explicit awaited_end(pthread_t handle) noexcept : handle_(handle) { joins_under_way.add(handle); }
  ~awaited_end() { joins_under_way.remove(handle_); }
  awaited_end(const awaited_end&) = delete;
  awaited_end& operator=(const awaited_end&) = delete;

 private:
  pthread_t handle_;
  when_left_by_longjmp jump_{[](void* handle) { joins_under_way.remove(*static_cast<pthread_t*>(handle)); }, &handle_};
};

inline void free_record(thread_record& r) noexcept {
  const unseen_by_tsan unseen;
  threads_by_handle.erase(r);
  the_registry.remove(r);
  thread_records.recycle(&r);
}

/// Adds events; true with the last one, after which the caller frees the record, outside of the locks.
[[nodiscard]] inline bool note_events(thread_record& r, std::uint32_t added) noexcept {
  const std::uint32_t before = r.events.fetch_or(added);
  if ((added & ~before & thread_event::finished) != 0) running_threads.fetch_sub(1);
  return before != thread_event::all && (before | added) == thread_event::all;
}

/// Adds events; frees the record with the last one.
inline void add_event(thread_record& r, std::uint32_t added) noexcept {
  if (note_events(r, added)) free_record(r);
}

/// The kernel has the thread no more, and it did not pass its end here: it left by the exit system call.
/// `serial` and `younger_than` find its record, which may be freed meanwhile.
inline void note_unseen_end(std::uint64_t serial, std::uint64_t younger_than) noexcept {
  thread_record* gone = nullptr;
  the_registry.for_each_younger_than(younger_than, [&](task_node& node) {
    if (node.serial != serial) return;
    auto& r = static_cast<thread_record&>(node);
    r.finished_at_ns.store_relaxed(now_ns());
    if (note_events(r, thread_event::finished)) gone = &r;
  });
  if (gone) free_record(*gone);
}

/// Makes the record of a thread about to be created by the calling thread; null when there is no memory for it, and in a child.
[[gnu::noinline]] inline thread_record* birth(bool detached, const pthread_attr_t* attributes = nullptr) noexcept {
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
  r->creation_depth = static_cast<unsigned char>(capture_own_stack(r->creation_stack, thread_record::max_creation_frames));
  r->stack_size = stack_size_of(attributes);
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

inline void set_name(thread_record& r, const char* name) noexcept {
  char padded[16] = {};
  std::memcpy(padded, name, strnlen(name, sizeof padded - 1));
  std::uint64_t words[2];
  std::memcpy(words, padded, sizeof words);
  r.name_words[0].store_relaxed(words[0]);
  r.name_words[1].store_relaxed(words[1]);
}

extern "C" inline void taskleak_thread_finished(void* record);
/// glibc's, for thread_local objects: runs as the thread ends in any way, before destructors of thread-specific data.
extern "C" int __cxa_thread_atexit_impl(void (*destructor)(void*), void* object, void* module) noexcept;

/// No key where the program has taken all that there are, PTHREAD_KEYS_MAX.
TASKLEAK_SHARED inline pthread_key_t finish_key() noexcept {
  static const pthread_key_t key = [] {
    pthread_key_t made{};
    return pthread_key_create(&made, &taskleak_thread_finished) == 0 ? made : pthread_key_t{PTHREAD_KEYS_MAX};
  }();
  return key;
}

/// Lets the thread say when it ends. Without a key, or without memory for its value, as thread_local objects do: then what
/// destructors of thread-specific data do comes after its end.
inline void await_own_end(thread_record& r) noexcept {
  if (pthread_setspecific(finish_key(), &r) == 0) return;
  r.rounds_of_destructors = PTHREAD_DESTRUCTOR_ITERATIONS;
  void* const in_this_module = reinterpret_cast<void*>(&taskleak_thread_finished);
  __cxa_thread_atexit_impl(&taskleak_thread_finished, &r, in_this_module);
}

/// The thread's end, as a destructor of thread-specific data: it also runs after pthread_exit and cancellation.
///
/// Destructors of others may park there, or make threads, and set data that has to be destroyed in a further round, of which
/// there are PTHREAD_DESTRUCTOR_ITERATIONS (4). The thread has finished in the last round but one: the last is that of the
/// sanitizers, whose state of the thread is gone after it.
extern "C" inline void taskleak_thread_finished(void* record) {
  if (is_forked_child()) return;
  const unseen_by_tsan unseen;
  auto& r = *static_cast<thread_record*>(record);
  if (r.rounds_of_destructors < PTHREAD_DESTRUCTOR_ITERATIONS && ++r.rounds_of_destructors < PTHREAD_DESTRUCTOR_ITERATIONS - 1 &&
      pthread_setspecific(finish_key(), record) == 0)
    return;
  this_task = current_task{};
  if (!(r.events.load_relaxed() & thread_event::released) && !joins_under_way.has(r.handle.load_relaxed())) {
    char name[16] = {};  // the kernel forgets it with the thread
    if (prctl(PR_GET_NAME, name) == 0) set_name(r, name);
  }
  r.finished_at_ns.store_relaxed(now_ns());
  add_event(r, thread_event::finished);
  task_ended.announce();
}

/// Enters the thread in the table, and hands its handle out.
///
/// The creator and the thread both call this, and the first one does it: whoever has the handle finds the thread in the table,
/// and the creator's variable is written while it is sure to be there, since the thread may free it as soon as it runs.
inline void enter_handle(thread_record& r, pthread_t handle) noexcept {
  const unseen_by_tsan unseen;  // another thread may have had this record before
  using state = thread_record::handle_state;
  state found = state::unknown;
  if (!r.handle_is.compare_exchange(found, state::being_entered)) {
    while (r.handle_is.load_acquire() != state::entered) sched_yield();
    return;
  }
  r.handle.store_relaxed(handle);
  // a thread that had the handle is over, though nobody may have taken note yet
  if (thread_record* before = threads_by_handle.insert(r)) add_event(*before, thread_event::over);
  if (r.handle_for_creator) {
    *r.handle_for_creator = handle;
    r.handle_for_creator = nullptr;  // it would hide a leak of that memory from LeakSanitizer
  }
  r.handle_is.store_release(state::entered);
}

/// Last thing in the creator: the record may be gone when this returns.
inline void end_birth(thread_record& r, pthread_t handle) noexcept {
  enter_handle(r, handle);
  add_event(r, thread_event::created);
}

/// First thing in the new thread.
inline void start_life(thread_record& r) noexcept {
  const unseen_by_tsan unseen;
  this_task.node = &r;
  this_task.note = &r.note;
  this_task.charging = r.charged_to == &program_scope ? nullptr : r.charged_to;
  this_task.tid = current_tid();
  this_task.creators = r.older_creators.with(r.creator_tid);
  keep_stack_bounds(r.stack_size);
  r.tid.store_release(this_task.tid);
  enter_handle(r, pthread_self());
  await_own_end(r);
}

/// How a thread was released. One that was joined is over, also when it left by the exit system call, past our notice.
enum class release_by : unsigned char { detach, join };

/// The serial of the thread with this handle; 0 when nobody announced it, and in a child.
inline std::uint64_t serial_of(pthread_t handle) noexcept {
  if (is_forked_child()) return 0;
  std::uint64_t serial = 0;
  threads_by_handle.with(handle, [&](thread_record& r) { serial = r.serial; });
  return serial;
}

/// A thread was joined or detached. `serial` names the one that had the handle before the call: another may have it by now.
inline void release(pthread_t handle, std::uint64_t serial, release_by how) noexcept {
  if (serial == 0) return task_ended.announce();
  thread_record* gone = nullptr;
  threads_by_handle.with(handle, [&](thread_record& r) {
    if (r.serial != serial) return;
    if (note_events(r, how == release_by::join ? thread_event::over : thread_event::released)) gone = &r;
  });
  if (gone) free_record(*gone);
  task_ended.announce();
}

/// For the explicit wrappers, where no hook sees the thread.
inline constexpr thread_announcer explicit_announcer{
    [](bool detached) noexcept -> void* {
      thread_record* const r = birth(detached);
      if (r && detached) r->events.store_relaxed(thread_event::released | thread_event::created);  // no creator has its handle
      return r;
    },
    [](void* record) noexcept { unborn(*static_cast<thread_record*>(record)); },
    [](void* record) noexcept { start_life(*static_cast<thread_record*>(record)); },
    [](void* record, std::uintptr_t handle) noexcept { end_birth(*static_cast<thread_record*>(record), handle); },
    [](std::uintptr_t handle) noexcept { return serial_of(handle); },
    [](std::uintptr_t handle, std::uint64_t serial, bool joined) noexcept {
      release(handle, serial, joined ? release_by::join : release_by::detach);
    },
};

}  // namespace taskleak::inline v0::detail

#endif
