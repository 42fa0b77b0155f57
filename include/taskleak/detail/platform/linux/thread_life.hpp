// SPDX-License-Identifier: MIT
/// \file The life of an announced thread's record: born in the creator, started and finished in the thread, released by whoever
/// joins or detaches.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_THREAD_LIFE_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_THREAD_LIFE_HPP

#include <taskleak/detail/config.hpp>
#include <taskleak/detail/inspect/own_stack.hpp>
#include <taskleak/detail/platform/linux/changes.hpp>
#include <taskleak/detail/platform/linux/system.hpp>
#include <taskleak/detail/platform/linux/thread_record.hpp>
#include <taskleak/detail/registry/current.hpp>
#include <taskleak/detail/registry/registry.hpp>
#include <taskleak/detail/registry/thread_announcer.hpp>
#include <taskleak/detail/registry/unseen_by_tsan.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <pthread.h>
#include <sys/prctl.h>

namespace taskleak::inline v0::detail {

/// Set in the child of a fork: it has one thread and its parent's records, and tracks nothing.
TASKLEAK_SHARED inline constinit light_atomic<bool> forked_child{false};
/// The process whose threads the registry holds.
TASKLEAK_SHARED inline constinit light_atomic<int> tracked_pid{0};

/// Whether this is a child of the process whose threads the registry holds. A child made by raw clone(2) runs no handler of
/// pthread_atfork(): only the process id tells.
inline bool in_child_process() noexcept { return forked_child.load_relaxed() || tracked_pid.load_relaxed() != current_pid(); }

/// Detaches and joins that came before their thread had entered itself in the table. It takes note when it does.
///
/// The creator cannot enter the thread, since it must not read the handle back: the thread may have freed that memory by then.
class early_releases {
 public:
  constexpr early_releases() noexcept = default;

  void note(pthread_t handle) noexcept {
    spin_guard guard(lock_);
    pthread_t& place = handles_[next_++ % capacity];
    if (place == pthread_t{}) noted_.fetch_add(1);
    place = handle;
  }
  bool take(pthread_t handle) noexcept {
    // a read-modify-write: it comes before a note's, which then sees all that this thread did, or after it, and finds the note
    if (noted_.fetch_add(0) == 0) return false;
    spin_guard guard(lock_);
    for (pthread_t& h : handles_)
      if (h == handle) {
        h = pthread_t{};
        noted_.fetch_sub(1);
        return true;
      }
    return false;
  }
  spinlock& lock() noexcept { return lock_; }

 private:
  static constexpr unsigned capacity = 256;
  spinlock lock_;
  unsigned next_ = 0;
  light_atomic<unsigned> noted_{0};  ///< handles that are not 0; changed under the lock
  pthread_t handles_[capacity]{};
};

TASKLEAK_SHARED inline constinit early_releases releases_before_start;
TASKLEAK_SHARED inline constinit light_atomic<int> starting_threads{0};

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
  static std::size_t index_of(pthread_t handle) noexcept {
    return (static_cast<std::uint64_t>(handle) >> 12) * 0x9E3779B97F4A7C15u >> (64 - bits);
  }
  light_atomic<pthread_t> places_[std::size_t{1} << bits]{};
};

TASKLEAK_SHARED inline constinit awaited_handles joins_under_way;

/// For the time of a join, also one that is cancelled.
class awaited_end {
 public:
  explicit awaited_end(pthread_t handle) noexcept : handle_(handle) { joins_under_way.add(handle); }
  ~awaited_end() { joins_under_way.remove(handle_); }
  awaited_end(const awaited_end&) = delete;
  awaited_end& operator=(const awaited_end&) = delete;

 private:
  pthread_t handle_;
};

inline void free_record(thread_record& r) noexcept {
  const unseen_by_tsan unseen;
  threads_by_handle.erase(r);
  the_registry.remove(r);
  thread_records.recycle(&r);
}

/// Adds an event; frees the record with the last one.
inline void add_event(thread_record& r, std::uint32_t event) noexcept {
  const std::uint32_t before = r.events.fetch_or(event);
  if (before != thread_event::all && (before | event) == thread_event::all) free_record(r);
}

/// Frees the record of a thread whose end was not seen.
inline void bury(thread_record& r) noexcept {
  const std::uint32_t before = r.events.fetch_or(thread_event::all);
  if (!(before & thread_event::finished)) running_threads.fetch_sub(1);
  if (before != thread_event::all) free_record(r);
}

/// The kernel has the thread no more, and it did not pass its end here: it left by the exit system call.
/// `serial` and `younger_than` find its record, which may be freed meanwhile.
inline void note_unseen_end(std::uint64_t serial, std::uint64_t younger_than) noexcept {
  thread_record* last = nullptr;
  the_registry.for_each_younger_than(younger_than, [&](task_node& node) {
    if (node.serial != serial || node.kind != task_kind::thread) return;
    auto& r = static_cast<thread_record&>(node);
    r.finished_at_ns.store_relaxed(now_ns());
    const std::uint32_t before = r.events.fetch_or(thread_event::finished);
    if (!(before & thread_event::finished)) running_threads.fetch_sub(1);
    if (before == thread_event::released) last = &r;
  });
  if (last) free_record(*last);
}

/// Makes the record of a thread about to be created by the calling thread; null when there is no memory for it.
[[gnu::noinline]] inline thread_record* birth(bool detached) noexcept {
  const unseen_by_tsan unseen;
  thread_record* r = thread_records.make();
  if (!r) return nullptr;
  r->kind = task_kind::thread;
  r->charged_to = charging_scope();
  r->created_at_ns = now_ns();
  if (this_task.tid == 0) {
    this_task.tid = current_tid();
    this_task.is_main = this_task.tid == current_pid();
  }
  r->creator_tid = this_task.tid;
  r->created_by_main = this_task.is_main;
  r->creation_depth = static_cast<unsigned char>(capture_own_stack(r->creation_stack, thread_record::max_creation_frames));
  if (detached) r->events.store_relaxed(thread_event::released);
  the_registry.add(*r, shard_hint());
  starting_threads.fetch_add(1);
  running_threads.fetch_add(1);
  return r;
}

/// Takes back a birth when the system refused the thread.
inline void unborn(thread_record& r) noexcept {
  const unseen_by_tsan unseen;
  running_threads.fetch_sub(1);
  starting_threads.fetch_sub(1);
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

/// The thread's end, as a destructor of thread-specific data: it also runs after pthread_exit and cancellation.
extern "C" inline void taskleak_thread_finished(void* record) {
  const unseen_by_tsan unseen;
  auto& r = *static_cast<thread_record*>(record);
  this_task = current_task{};
  if (!(r.events.load_relaxed() & thread_event::released) && !joins_under_way.has(r.handle.load_relaxed())) {
    char name[16] = {};  // the kernel forgets it with the thread
    if (prctl(PR_GET_NAME, name) == 0) set_name(r, name);
  }
  r.finished_at_ns.store_relaxed(now_ns());
  running_threads.fetch_sub(1);
  add_event(r, thread_event::finished);
  task_ended.announce();
}

TASKLEAK_SHARED inline pthread_key_t finish_key() noexcept {
  static const pthread_key_t key = [] {
    pthread_key_t made{};
    pthread_key_create(&made, &taskleak_thread_finished);
    return made;
  }();
  return key;
}

/// First thing in the new thread.
inline void start_life(thread_record& r) noexcept {
  const unseen_by_tsan unseen;
  this_task.node = &r;
  this_task.note = &r.note;
  this_task.charging = r.charged_to == &program_scope ? nullptr : r.charged_to;
  this_task.tid = current_tid();
  r.tid.store_release(this_task.tid);
  const pthread_t self = pthread_self();
  r.handle.store_relaxed(self);
  if (thread_record* stale = threads_by_handle.insert(r)) bury(*stale);
  // after the entry: whoever looks now finds it, and whoever did not left a note before
  starting_threads.fetch_sub(1);
  if (releases_before_start.take(self)) add_event(r, thread_event::released);
  pthread_setspecific(finish_key(), &r);
}

/// How a thread was released. One that was joined is over, also when it left by the exit system call, past our notice.
enum class release_by : unsigned char { detach, join };

inline bool is_over(const thread_record& r) noexcept {
  if (r.events.load_acquire() & thread_event::finished) return true;
  const int tid = r.tid.load_acquire();
  return tid != 0 && syscall(SYS_tgkill, current_pid(), tid, 0) != 0 && errno == ESRCH;
}

/// Whether its joiner has only to take note: the handle may be another thread's by now, that has not entered itself yet.
inline bool is_as_good_as_joined(const thread_record& r) noexcept {
  return r.joiner_waits.load_relaxed() && (r.events.load_acquire() & thread_event::finished);
}

/// The serial of the thread with this handle, 0 when it has not entered itself yet.
inline std::uint64_t serial_of(pthread_t handle) noexcept {
  std::uint64_t serial = 0;
  threads_by_handle.with(handle, [&](thread_record& r) {
    if (!is_as_good_as_joined(r)) serial = r.serial;
  });
  return serial;
}

/// The same for a thread about to be joined, which says so in its record. The joiner has to wait for the thread anyway: it gives
/// one that is just starting the time to enter itself.
inline std::uint64_t serial_to_join(pthread_t handle) noexcept {
  std::uint64_t serial = 0;
  for (int tries = 0; serial == 0 && tries < 200; ++tries) {
    threads_by_handle.with(handle, [&](thread_record& r) {
      if (is_as_good_as_joined(r)) return;
      serial = r.serial;
      r.joiner_waits.store_relaxed(true);
    });
    if (serial == 0 && starting_threads.load_acquire() == 0) break;
    if (serial == 0) sched_yield();
  }
  return serial;
}

/// A join that failed: the thread is as it was.
inline void join_failed(pthread_t handle, std::uint64_t serial) noexcept {
  threads_by_handle.with(handle, [&](thread_record& r) {
    if (r.serial == serial) r.joiner_waits.store_relaxed(false);
  });
}

/// Marks the thread with this handle as released if it has entered itself in the table, and is the one with this serial; 0 stands
/// for any.
inline bool release_entered(pthread_t handle, std::uint64_t serial, release_by how) noexcept {
  thread_record* last = nullptr;
  bool hit = false;
  threads_by_handle.with(handle, [&](thread_record& r) {
    if (serial != 0 ? r.serial != serial : is_as_good_as_joined(r)) return;
    hit = true;
    // the joined thread's handle may be another's by now, which is not over
    if (serial == 0 && how == release_by::join && !is_over(r)) return;
    const std::uint32_t added = how == release_by::join ? thread_event::all : thread_event::released;
    const std::uint32_t before = r.events.fetch_or(added);
    if (before == thread_event::all) return;
    if (how == release_by::join && !(before & thread_event::finished)) running_threads.fetch_sub(1);
    if ((before | added) == thread_event::all) last = &r;
  });
  if (last) free_record(*last);
  return hit;
}

/// A thread was joined or detached. `serial` names the thread that had the handle before the call, 0 when none was entered.
inline void release(pthread_t handle, std::uint64_t serial, release_by how) noexcept {
  if (!release_entered(handle, serial, how) && serial == 0) {
    // The thread enters itself and then looks for a note; here the note comes first and then the look. One of the two sees the
    // other.
    releases_before_start.note(handle);
    const bool entered = serial_of(handle) != 0;
    if (entered ? releases_before_start.take(handle) : starting_threads.load() == 0 && releases_before_start.take(handle))
      release_entered(handle, 0, how);
  }
  task_ended.announce();
}

/// For the explicit wrappers, where no hook sees the thread.
inline constexpr thread_announcer explicit_announcer{
    [](bool detached) noexcept -> void* { return birth(detached); },
    [](void* record) noexcept { unborn(*static_cast<thread_record*>(record)); },
    [](void* record) noexcept { start_life(*static_cast<thread_record*>(record)); },
    [](std::uintptr_t handle, bool joined) noexcept {
      release(static_cast<pthread_t>(handle), 0, joined ? release_by::join : release_by::detach);
    },
};

}  // namespace taskleak::inline v0::detail

#endif
