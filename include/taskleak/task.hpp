// SPDX-License-Identifier: MIT
/// \file Names the kinds and states of tasks; defines what a predicate of ignore_task() is shown.
#ifndef TASKLEAK_TASK_HPP
#define TASKLEAK_TASK_HPP

#include <taskleak/detail/base/requirements.hpp>

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0 {

/// Says what kind of concurrent work a task is.
enum class task_kind : unsigned char { thread, coroutine };

/// Returns "thread" or "coroutine".
constexpr const char* to_string(task_kind kind) noexcept { return kind == task_kind::thread ? "thread" : "coroutine"; }

/// Says what a task is doing. A report shows the text of the state between its square brackets.
enum class state : unsigned char {
  running,
  sleep,
  condition_wait,
  mutex_lock,
  shared_mutex_lock,
  semaphore_wait,
  join,
  barrier_wait,
  atomic_wait,
  futex_wait,
  future_wait,
  poll,
  read,
  write,
  accept,
  connect,
  signal_wait,
  io_wait,
  created,  ///< not begun to run: a coroutine that was never started, or a thread that got no turn yet
  suspended,
  finished_never_joined,
  finished_never_destroyed,
  labelled,  ///< inside a blocking_region, which names its own wait
  unknown,   ///< alive, but the kernel does not say what the task does: /proc cannot be read, or the process may not be traced
  alive,     ///< it has not ended, and nothing more can be known on this platform: see docs/limitations.md, "Other platforms"
};

/// Returns the state as a report spells it, for instance "condition wait".
constexpr const char* to_string(state s) noexcept {
  switch (s) {
    case state::running: return "running";
    case state::sleep: return "sleep";
    case state::condition_wait: return "condition wait";
    case state::mutex_lock: return "mutex lock";
    case state::shared_mutex_lock: return "shared mutex lock";
    case state::semaphore_wait: return "semaphore wait";
    case state::join: return "join";
    case state::barrier_wait: return "barrier wait";
    case state::atomic_wait: return "atomic wait";
    case state::futex_wait: return "futex wait";
    case state::future_wait: return "future wait";
    case state::poll: return "poll";
    case state::read: return "read";
    case state::write: return "write";
    case state::accept: return "accept";
    case state::connect: return "connect";
    case state::signal_wait: return "signal wait";
    case state::io_wait: return "io wait";
    case state::created: return "created";
    case state::suspended: return "suspended";
    case state::finished_never_joined: return "finished never joined";
    case state::finished_never_destroyed: return "finished never destroyed";
    case state::labelled: return "blocking region";
    case state::alive: return "alive";
    case state::unknown: break;
  }
  return "unknown";
}

/// Describes a straggler to the predicate of ignore_task(); the texts live as long as the predicate's call.
struct task {
  task_kind kind;
  std::uint64_t id;  ///< the kernel's thread id, or the coroutine's number
  const char* name;  ///< a thread's name or a coroutine's function; never null
  taskleak::state state;
  const char* state_text;        ///< as in the report's square brackets, for instance "condition wait"
  std::int64_t parked_for_ns;    ///< nanoseconds in this state
  const char* scope;             ///< the test, suite or guard that the task is charged to; never null
  const char* const* functions;  ///< demangled functions of the task's stack, innermost first, plumbing left out
  std::size_t function_count;
  const char* const* creators;  ///< demangled functions of the creation stack, innermost first, plumbing left out
  std::size_t creator_count;
};

}  // namespace taskleak::inline v0

#endif
