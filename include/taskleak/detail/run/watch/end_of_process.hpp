// SPDX-License-Identifier: MIT
/// \file Watches the end of a process that tasks outlive: a static object may wait for one of them for ever.
#ifndef TASKLEAK_DETAIL_RUN_WATCH_END_OF_PROCESS_HPP
#define TASKLEAK_DETAIL_RUN_WATCH_END_OF_PROCESS_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/platform/child_process.hpp>
#include <taskleak/detail/probe/thread/live_thread.hpp>
#include <taskleak/detail/run/run_state.hpp>
#include <taskleak/detail/run/the_census.hpp>
#include <taskleak/detail/run/watch/watch.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>

namespace taskleak::inline v0::detail {

/// Tells the helper which threads are alive: the end of the process may wait for each of them.
inline void list_live_threads(watch_page& page) {
  const light_vector<live_thread> alive = copy_threads_younger_than(
      0, [](const thread_record& r) { return (r.events.load_acquire() & thread_event::finished) == 0; });
  std::size_t count = 0;
  for (const live_thread& t : alive)
    if (count < watch_page::most_stragglers) page.stragglers[count++] = t.tid;
}

/// Says that the process ends.
inline void note_end() noexcept {
  if (the_watch.is_on() && !in_child_process()) the_watch.page->phase.store_release(watch_phase::ending);
}

/// Says that exit() has begun, with its code.
inline void note_exit(int code, void*) noexcept {
  if (!the_watch.is_on() || in_child_process()) return;
  the_watch.exit_code.store_relaxed(code);
  note_end();
}

/// Says so before exit() calls what is registered with it: the thread_local objects of the main thread come first, the youngest
/// of them before all others.
struct end_of_main_thread {
  ~end_of_main_thread() { note_end(); }
};

/// Has every end noted that is not sudden.
inline void note_ends() {
  static bool is_registered = false;
  if (std::exchange(is_registered, true)) return;
  on_exit(&note_exit, nullptr);
  at_quick_exit(&note_end);
  static thread_local end_of_main_thread youngest;
}

/// Ends the watch over the tests. While a thread lives the helper stays, until the process has come to its end.
inline void end_watch_of_run(int exit_code) {
  if (!the_watch.is_on()) return;
  watch_page& page = *the_watch.page;
  list_live_threads(page);
  const std::int64_t limit = the_run().environment.exit_within.count();
  if (page.stragglers[0] == 0 || limit == 0) {
    end_watch();
    return;
  }
  for (watch_slot& slot : page.limits) slot.limit_ns.store_release(0);
  page.exit_within_ns.store_relaxed(limit);
  the_watch.exit_code.store_relaxed(exit_code);
  page.phase.store_release(watch_phase::after);
  page.beat.fetch_add(1);
  note_ends();
}

}  // namespace taskleak::inline v0::detail

#endif
