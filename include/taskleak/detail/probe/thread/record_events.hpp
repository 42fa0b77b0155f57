// SPDX-License-Identifier: MIT
/// \file Notes in its record what happens to an announced thread, and frees the record.
#ifndef TASKLEAK_DETAIL_PROBE_THREAD_RECORD_EVENTS_HPP
#define TASKLEAK_DETAIL_PROBE_THREAD_RECORD_EVENTS_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/base/unseen_by_tsan.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/platform/thread_handle.hpp>
#include <taskleak/detail/probe/life_log.hpp>
#include <taskleak/detail/probe/thread/thread_record.hpp>
#include <taskleak/detail/registry/registry.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace taskleak::inline v0::detail {

/// Returns the life of a thread, which may go on.
inline task_life_record life_of(const thread_record& r) noexcept {
  task_life_record life;
  life.id = static_cast<std::uint64_t>(r.tid.load_acquire());
  life.test = test_around(r.charged_to);
  life.born_ns = r.created_at_ns;
  life.ended_ns = r.finished_at_ns.load_relaxed();
  for (int i = 0; i < 2; ++i) life.name_words[i] = r.name_words[i].load_relaxed();
  life.depth = r.creation_depth < task_life_record::most_frames ? r.creation_depth : task_life_record::most_frames;
  for (unsigned i = 0; i < life.depth; ++i) life.made_at[i] = r.creation_stack[i];
  return life;
}

inline void free_record(thread_record& r) noexcept {
  const unseen_by_tsan unseen;
  if (life_log* const log = the_life_log.load_relaxed()) [[unlikely]] {
    task_life_record life = life_of(r);
    if (life.ended_ns == 0) life.ended_ns = now_ns();  // nobody saw its end
    log->add(life);
  }
  threads_by_handle.erase(r);
  the_registry.remove(r);
  thread_records.recycle(&r);
}

/// Adds events to the record. Returns true with the last event: then the caller frees the record, outside of the locks.
[[nodiscard]] inline bool note_events(thread_record& r, std::uint32_t added) noexcept {
  const std::uint32_t before = r.events.fetch_or(added);
  if ((added & ~before & thread_event::finished) != 0) running_threads.fetch_sub(1);
  return before != thread_event::all && (before | added) == thread_event::all;
}

/// Adds events to the record, and frees the record with the last one.
inline void add_event(thread_record& r, std::uint32_t added) noexcept {
  if (note_events(r, added)) free_record(r);
}

/// Notes the end of a thread that left by the exit system call: the kernel has the thread no more, and no hook saw its end.
/// `serial` and `younger_than` find the record, which may be freed meanwhile.
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

inline void set_name(thread_record& r, const char* name) noexcept {
  char padded[16] = {};
  std::memcpy(padded, name, strnlen(name, sizeof padded - 1));
  std::uint64_t words[2];
  std::memcpy(words, padded, sizeof words);
  r.name_words[0].store_relaxed(words[0]);
  r.name_words[1].store_relaxed(words[1]);
}

}  // namespace taskleak::inline v0::detail

#endif
