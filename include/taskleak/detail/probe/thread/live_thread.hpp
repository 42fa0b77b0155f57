// SPDX-License-Identifier: MIT
/// \file Copies what is known of one live thread: the copy goes from the registry to inspect.
#ifndef TASKLEAK_DETAIL_PROBE_THREAD_LIVE_THREAD_HPP
#define TASKLEAK_DETAIL_PROBE_THREAD_LIVE_THREAD_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/function_ref.hpp>
#include <taskleak/detail/base/gather.hpp>
#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/platform/thread_handle.hpp>
#include <taskleak/detail/probe/thread/thread_record.hpp>
#include <taskleak/detail/registry/registry.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <sched.h>

namespace taskleak::inline v0::detail {

struct live_thread {
  std::uint64_t serial = 0;  ///< 0 for a thread nobody announced, and for the main thread
  bool is_main = false;
  std::uint64_t epoch = 0;
  const scope* charged_to = nullptr;  ///< null for a thread nobody announced
  int tid = 0;                        ///< 0 until it runs
  thread_handle turned_handle{};      ///< see turned(); meaningful with has_handle
  bool has_handle = false;            ///< whether the system has made the thread
  std::uint64_t start_ticks = 0;      ///< only for a thread nobody announced
  bool finished = false;
  bool released = false;  ///< joined or detached
  std::int64_t created_at_ns = 0;
  std::int64_t finished_at_ns = 0;
  char name[17] = {};  ///< as last given to pthread_setname_np; empty when none was given; name_of_main_thread
  const wait_note* note = nullptr;
  const waiting_region* region = nullptr;  ///< the innermost region of `note` when the note had had so many changes
  std::uint32_t note_changes = 0;
  int creator_tid = 0;
  bool created_by_main = false;
  creator_tids older_creators{};
  std::uintptr_t entry = 0;           ///< the start function of pthread_create or thrd_create; 0 when it is not known
  std::uintptr_t entry_argument = 0;  ///< meaningful with `entry`; the object that it points to may be gone
  unsigned creation_depth = 0;
  const void* creation_stack[thread_record::max_creation_frames];
};

/// Copies a record and does nothing more, since the shard's lock is held.
inline void copy_record(const thread_record& r, live_thread& to) noexcept {
  to.serial = r.serial;
  to.epoch = r.epoch;
  to.charged_to = r.charged_to;
  to.has_handle = r.handle_is.load_acquire() == thread_record::handle_state::entered;
  if (to.has_handle) to.turned_handle = turned(r.handle.load_relaxed());
  to.tid = r.tid.load_acquire();
  to.finished = (r.events.load_acquire() & thread_event::finished) != 0;
  to.released = (r.events.load_acquire() & thread_event::released) != 0;
  to.created_at_ns = r.created_at_ns;
  to.finished_at_ns = r.finished_at_ns.load_relaxed();
  const std::uint64_t words[2] = {r.name_words[0].load_relaxed(), r.name_words[1].load_relaxed()};
  std::memcpy(to.name, words, sizeof words);
  to.note = &r.note;
  to.note_changes = r.note.changes.load_acquire();
  to.region = r.note.innermost.load_acquire();
  to.creator_tid = r.creator_tid;
  to.created_by_main = r.created_by_main;
  to.older_creators = r.older_creators;
  to.entry = r.entry.load_relaxed();
  to.entry_argument = ~r.entry_argument.load_relaxed();
  to.creation_depth = r.creation_depth;
  std::memcpy(to.creation_stack, r.creation_stack, r.creation_depth * sizeof *r.creation_stack);
}

/// Returns copies of the announced threads younger than the epoch for which `wanted(record)` is true, oldest first.
inline light_vector<live_thread> copy_threads_younger_than(std::uint64_t epoch, function_ref<bool(const thread_record&)> wanted) {
  light_vector<live_thread> copies;
  the_registry.look_between_births([&] {
    copies = gather<live_thread>([&](auto&& found) {
      the_registry.for_each_younger_than(epoch, [&](task_node& node) {
        auto& r = static_cast<thread_record&>(node);
        if (wanted(r)) found([&](live_thread& to) { copy_record(r, to); });
      });
    });
  });
  detail::sort(copies, [](const live_thread& a, const live_thread& b) { return a.created_at_ns < b.created_at_ns; });
  return copies;
}

/// Copies the thread's record anew; returns false when there is no record any more.
inline bool copy_again(live_thread& t) noexcept {
  bool found = false;
  the_registry.for_each_younger_than(t.epoch - 1, [&](task_node& node) {
    if (node.serial != t.serial) return;
    copy_record(static_cast<const thread_record&>(node), t);
    found = true;
  });
  return found;
}

/// Gives a thread that has just been made some milliseconds to begin. A thread is on record before it exists, and enters its
/// kernel id itself: until then `tid` is 0, though the thread is alive. Returns false when the thread and its record have ended
/// meanwhile.
inline bool await_begin(live_thread& t) noexcept {
  if (t.tid != 0 || t.finished || t.serial == 0) return true;
  const std::int64_t deadline = now_ns() + 20'000'000;
  do {
    if (!copy_again(t)) return false;
    if (t.tid != 0) return true;
    sched_yield();
  } while (now_ns() < deadline);
  return true;
}

}  // namespace taskleak::inline v0::detail

#endif
