// SPDX-License-Identifier: MIT
/// \file Starts and ends the helper that watches over this process, and tells it what the process does.
#ifndef TASKLEAK_DETAIL_RUN_WATCH_WATCH_HPP
#define TASKLEAK_DETAIL_RUN_WATCH_WATCH_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/platform/child_process.hpp>
#include <taskleak/detail/platform/helper_process.hpp>
#include <taskleak/detail/platform/outside_look.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/registry/scope.hpp>
#include <taskleak/detail/run/watch/watch_page.hpp>
#include <taskleak/detail/run/watch/watch_signal.hpp>
#include <taskleak/detail/run/watch/watcher.hpp>

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

#include <sys/mman.h>
#include <sys/prctl.h>

/// ThreadSanitizer's, whose background thread sleeps and wakes as it likes; null without it.
extern "C" [[gnu::weak]] void __tsan_init();

namespace taskleak::inline v0::detail {

/// Holds the process's side of the watch. The helper has a copy, which it does not look at.
struct watch_state {
  watch_page* page = nullptr;  ///< null while nobody watches
  helper_process helper;
  int signal = 0;
  int thread = 0;  ///< the thread that is watched most closely, and interrupted: the one that runs the tests
  light_atomic<const scope*> limited[watch_page::slots];
  light_atomic<std::uint32_t> last_generation{0};
  std::int64_t first_try_ns = 0;  ///< when the helper asked first what has been put off since
  int times_refused = 0;
  light_atomic<bool> has_told_refusal{false};
  light_atomic<int> exit_code{0};  ///< of exit(), or of the run

  bool is_on() const noexcept { return page != nullptr; }

  /// Returns for how long the calling thread has not run before it was interrupted, as far as the helper has seen.
  std::int64_t still_ns() const noexcept { return page && thread == current_tid() ? page->still_ns.load_relaxed() : 0; }

  /// A process that cannot come to its end ends with the code that it would have had.
  int exit_code_of(watch_request why) const noexcept {
    const int code = exit_code.load_relaxed();
    return why == watch_request::too_long || code == 0 ? 1 : code;
  }
};

TASKLEAK_SHARED inline constinit watch_state the_watch;

inline void watch_over_parent(void* given) noexcept {
  auto& page = *static_cast<watch_page*>(given);
  watcher looks(page, static_cast<int>(syscall(SYS_getppid)), the_watch.thread, the_watch.signal);
  looks.run();
}

/// Starts the helper; returns an empty text, or why there is none. To be called on the thread that runs the tests: the helper
/// ends with it. Does nothing under a debugger, which would take the helper for a thread of the program, and on any other thread
/// than the main one, which may end before the process does.
inline const char* start_watch(raw_signal_handler handler) {
  if (the_watch.is_on() || current_tid() != current_pid() || has_debugger(current_pid())) return "";
  if (the_watch.signal == 0) the_watch.signal = take_free_signal(handler);
  if (the_watch.signal == 0) return "no real-time signal is free, so nobody watches for tests that hang";
  void* const memory = mmap(nullptr, sizeof(watch_page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return "no memory is left, so nobody watches for tests that hang";
  auto* const page = new (memory) watch_page;
  page->has_sleepers = &__tsan_init != nullptr;
  the_watch.thread = current_tid();
  if (!the_watch.helper.start(&watch_over_parent, page, "taskleak-watch")) {
    munmap(memory, sizeof(watch_page));
    return "the system refuses a helper process, so nobody watches for tests that hang";
  }
  the_watch.page = page;
  return "";
}

/// Lets the helper look at this process where Yama lets only ancestors look: ptrace_scope 1 of kernel's Yama.rst, which is
/// Ubuntu's default. Returns false where that is not what stands in the way.
inline bool let_helper_look() noexcept {
  char scope[8];
  if (read_small_file("/proc/sys/kernel/yama/ptrace_scope", scope, sizeof scope) <= 0 || scope[0] != '1') return false;
  return syscall(SYS_prctl, PR_SET_PTRACER, the_watch.helper.id(), 0, 0, 0) == 0;
}

/// Says once, after the helper has been refused a look, that it cannot tell what is asleep; returns an empty text at all other
/// times.
inline const char* refusal_of_watch() noexcept {
  if (!the_watch.is_on() || !the_watch.page->is_refused.load_relaxed()) return "";
  the_watch.page->is_refused.store_relaxed(false);
  const int before = the_watch.times_refused++;
  if (before == 0 && let_helper_look()) return "";
  return !the_watch.has_told_refusal.exchange(true)
             ? "the kernel lets nobody look at this process, so a test whose tasks are all asleep is not seen; fail_after is"
             : "";
}

/// Tells the helper to end, and ends it. Where the program has forbidden itself system calls it makes none for that, but for
/// those of futex(2), which every lock makes: the helper then ends by itself, and nobody waits for it.
inline void end_watch() noexcept {
  if (!the_watch.is_on()) return;
  constexpr std::int64_t longest_ns = 100'000'000;
  watch_page& page = *std::exchange(the_watch.page, nullptr);
  page.is_unwanted.store_release(1);
  wake_all_on_shared_word(page.is_unwanted.address());
  const std::int64_t began = now_ns();
  while (page.farewell.load_acquire() == watch_farewell::none && now_ns() - began < longest_ns)
    wait_on_shared_word(reinterpret_cast<std::uint32_t*>(page.farewell.address()), 0, longest_ns);
  if (page.farewell.load_acquire() == watch_farewell::restrained) return;
  the_watch.helper.end();
  munmap(&page, sizeof(watch_page));
}

/// Says that a test has begun or ended. Costs one addition.
inline void note_progress() noexcept {
  if (the_watch.is_on()) the_watch.page->beat.fetch_add(1);
}

/// Begins a limit on how long a scope may last; returns its slot, -1 where there is none.
inline int begin_limit(const scope& of, std::int64_t limit_ns) noexcept {
  if (!the_watch.is_on() || limit_ns <= 0) return -1;
  const std::uint32_t generation = the_watch.last_generation.fetch_add(1) + 1;
  for (std::size_t i = 0; i < watch_page::slots; ++i) {
    watch_slot& slot = the_watch.page->limits[i];
    std::uint32_t nobody = 0;
    if (!slot.generation.compare_exchange(nobody, generation)) continue;
    the_watch.limited[i].store_release(&of);
    slot.limit_ns.store_release(limit_ns);
    return static_cast<int>(i);
  }
  return -1;
}

inline void end_limit(int slot) noexcept {
  if (slot < 0 || !the_watch.is_on()) return;
  watch_slot& ended = the_watch.page->limits[slot];
  ended.limit_ns.store_release(0);
  ended.generation.store_release(0);
}

}  // namespace taskleak::inline v0::detail

#endif
