// SPDX-License-Identifier: MIT
/// \file Holds what a process and the helper that watches over it tell each other.
#ifndef TASKLEAK_DETAIL_RUN_WATCH_WATCH_PAGE_HPP
#define TASKLEAK_DETAIL_RUN_WATCH_WATCH_PAGE_HPP

#include <taskleak/detail/base/light_atomic.hpp>

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// Says what part of its life the process is in.
enum class watch_phase : std::uint32_t {
  running,  ///< tests run
  after,    ///< the run has ended, and main() goes on
  ending,   ///< exit() has begun, while a task lives that was left behind
};

/// Says why the helper has interrupted the main thread.
enum class watch_request : std::uint32_t {
  none,
  all_asleep,  ///< every thread waits for another one of them
  too_long,    ///< a limit of fail_after is over
  stuck,       ///< the process does not come to its end
  long_wait,   ///< the thread that runs the tests has been in one wait for long: can anybody wake it?
};

/// Says what the helper has seen at the end of its work.
enum class watch_farewell : std::uint32_t {
  none,        ///< it goes on, or does not answer
  free,        ///< the process may make the system calls that it could make at the start, or the helper cannot tell
  restrained,  ///< the process has forbidden itself system calls, perhaps on pain of death, and is not to end the helper
};

/// Is one limit that is being watched.
struct watch_slot {
  light_atomic<std::uint32_t> generation{0};  ///< 0: none; each use has another one
  light_atomic<std::int64_t> limit_ns{0};     ///< 0: no limit
};

/// Lies in memory that the process and its helper share. A process writes what it does, the helper what it asks for.
struct watch_page {
  static constexpr std::size_t slots = 32;
  static constexpr std::size_t most_sleepers = 16;
  static constexpr std::size_t most_stragglers = 64;

  light_atomic<std::uint32_t> is_unwanted{0};                   ///< 1: the helper is to end; a futex
  light_atomic<watch_farewell> farewell{watch_farewell::none};  ///< a futex
  light_atomic<watch_phase> phase{watch_phase::running};
  light_atomic<std::uint32_t> beat{0};  ///< changes when a test begins or ends: then not all threads are asleep
  watch_slot limits[slots];
  bool has_sleepers = false;          ///< a sanitizer has a thread that sleeps and wakes as it likes
  int stragglers[most_stragglers]{};  ///< threads that the end of the process may wait for
  light_atomic<std::int64_t> exit_within_ns{0};

  light_atomic<watch_request> asked{watch_request::none};
  light_atomic<std::uint32_t> asked_slot{0};        ///< of too_long
  light_atomic<std::uint32_t> asked_generation{0};  ///< of too_long
  int sleepers[most_sleepers]{};                    ///< of all_asleep: threads that only slept
  light_atomic<bool> is_answering{false};           ///< the thread is in the handler
  light_atomic<bool> was_blocked{false};            ///< the helper has let its signal through to the thread
  light_atomic<bool> is_put_off{false};             ///< the process wants to be asked again soon
  light_atomic<std::int64_t> still_ns{0};           ///< for how long the thread that runs the tests has not run
  light_atomic<std::uint32_t> wakeable_in{0};       ///< the beat in which the process has found a handler of a signal, plus one
  light_atomic<std::uint32_t> told_in{0};           ///< the beat in which a test that goes on was said to hang, plus one
  bool judges_long_waits = false;                   ///< whether to ask about a long wait
  light_atomic<std::uint32_t> times_orphaned{0};    ///< how often in a row the answer was that nobody can end the wait
  light_atomic<bool> is_refused{false};             ///< the helper may not look at the process
};

}  // namespace taskleak::inline v0::detail

#endif
