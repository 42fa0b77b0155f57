// SPDX-License-Identifier: MIT
/// \file Turns a look at a parked thread into its state and the object it waits for.
#ifndef TASKLEAK_DETAIL_INSPECT_CLASSIFY_HPP
#define TASKLEAK_DETAIL_INSPECT_CLASSIFY_HPP

#include <taskleak/detail/inspect/wait_kinds.hpp>
#include <taskleak/detail/inspect/waiter_pool.hpp>
#include <taskleak/detail/platform/foreign_memory.hpp>
#include <taskleak/detail/platform/proc_file.hpp>
#include <taskleak/detail/symbols/symbolizer.hpp>
#include <taskleak/detail/unwind/arch/arch.hpp>
#include <taskleak/detail/unwind/thread_stack.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include <linux/futex.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Limits how many innermost frames are searched for the function that the thread waits in.
inline constexpr std::size_t frames_of_wait_kind = 16;

/// Returns what the functions on the stack say of the wait: the C function decides the state, the C++ function around it names
/// the object.
inline std::optional<wait_kind> look_up_wait_kind(const raw_stack& raw) {
  std::optional<wait_kind> found;
  std::size_t found_at = 0;
  const std::size_t depth = std::min(raw.addresses.size(), frames_of_wait_kind);
  for (std::size_t i = 0; i < depth; ++i) {
    const std::uintptr_t address = raw.addresses[i];
    const bool returns = i > 0 && !raw.interrupted[i];
    std::optional<wait_kind> called;
    // sem_wait, std::condition_variable::wait and others leave by a tail call: only the call instruction still names them
    if (returns && (!found || found_at + 1 == i) && function_start(address - 1) != 0)
      if (const call_site site = call_before(address); site.target != 0)
        if (const auto callee = resolve(site.target, false); !callee.empty()) {
          if (!found) found = wait_kind_of_c_function(callee.front().function);
          called = wait_kind_of_cxx_function(callee.front().function);
        }
    for (const frame& f : resolve(address, returns)) {
      if (const auto c = wait_kind_of_c_function(f.function)) {
        if (!found) found = c;
        found_at = i;  // a sanitizer's interceptor is a second frame of the same name
      }
      if (const auto cxx = wait_kind_of_cxx_function(f.function)) {
        if (!found || found->state == cxx->state || found->state == state::futex_wait) return cxx;
        return found;
      }
    }
    if (found && called && called->state == found->state) return called;
  }
  return found;
}

/// Returns look_up_wait_kind(), and remembers the answer for the last stack: a pool's threads wait in one place.
inline std::optional<wait_kind> wait_kind_of_stack(const raw_stack& raw) {
  struct last_answer {  // without a destructor: a check may come after those of thread_local objects
    std::uintptr_t stack[frames_of_wait_kind]{};
    unsigned long long unloads = 0;
    std::optional<wait_kind> kind;
  };
  static constinit thread_local last_answer last;
  std::uintptr_t stack[frames_of_wait_kind]{};
  std::copy_n(raw.addresses.begin(), std::min(raw.addresses.size(), frames_of_wait_kind), stack);
  const unsigned long long unloads = count_loads().unloads;
  if (last.unloads != unloads || !std::equal(std::begin(stack), std::end(stack), last.stack)) {
    last.kind = look_up_wait_kind(raw);
    last.unloads = unloads;
    std::copy(std::begin(stack), std::end(stack), last.stack);
  }
  return last.kind;
}

/// Returns the other thread that a thread waits for.
inline awaited_task awaited_thread(wait_relation relation, int tid) {
  const thread_file name_file(tid, "comm");
  awaited_task other{relation, task_kind::thread, static_cast<std::uint64_t>(tid), name_in(name_file), tid == current_pid()};
  other.has_ended = other.name.empty() && !other.is_main && !is_alive(tid, name_file);
  return other;
}

/// Returns which word of a pthread_rwlock_t a waiter sleeps on, as an offset; there are three such words:
/// nptl/pthread_rwlock_common.c of glibc 2.25 and newer. Readers that let writers go first wait until a bit of __readers is
/// cleared, which no value of the other two words has.
inline std::uintptr_t offset_of_waited_word_in_rwlock(const parked_call& call) noexcept {
  constexpr std::uintptr_t readers_are_waiting = 4;
  if (call.arguments[0] % alignof(pthread_rwlock_t) != 0) return offsetof(pthread_rwlock_t, __data.__writers_futex);
  return call.arguments[2] & readers_are_waiting ? offsetof(pthread_rwlock_t, __data.__readers)
                                                 : offsetof(pthread_rwlock_t, __data.__wrphase_futex);
}

/// Notes who holds a lock, by the word of the lock that has the owner's id.
inline void add_owner(std::uintptr_t word, straggler& into) {
  int owner = 0;
  if (!copy_value(word, owner) || owner == 0) return;
  into.waits_on.owner = static_cast<std::uint64_t>(owner);
  into.waits_for.push_back(awaited_thread(wait_relation::owner, owner));
}

/// Returns the rwlock that a waiter for it sleeps in.
inline std::uintptr_t rwlock_waited_for(const parked_call& call) noexcept {
  return call.arguments[0] - offset_of_waited_word_in_rwlock(call);
}

/// Whether the lock is a pthread_mutex_t, and not one of another library's own.
inline bool is_mutex(const wait_kind& kind) noexcept {
  return kind.state == state::mutex_lock && std::string_view(kind.object).find("mutex") != std::string_view::npos;
}

/// Fills in the object behind a futex word, and the thread that is waited for, by glibc's layouts in the system's own headers.
inline void add_object_of_futex(const wait_kind& kind, const parked_call& call, straggler& into) {
  wait_object& object = into.waits_on;
  object.kind = kind.object;
  object.address = call.arguments[0];
  switch (kind.state) {
    case state::condition_wait: {
      if (object.kind == "GCond") {
        object.address -= sizeof(void*);  // GLib: struct { gpointer p; guint i[2]; }, and the futex word is i[0]
        break;
      }
      // the waiter sleeps on the signal count of its group, one of two
      const std::uintptr_t first = call.arguments[0] - offsetof(pthread_cond_t, __data.__g_signals);
      object.address = first % alignof(pthread_cond_t) == 0 ? first : first - sizeof(unsigned);
      break;
    }
    case state::mutex_lock:
      if (!is_mutex(kind)) break;
      add_owner(object.address + offsetof(pthread_mutex_t, __data.__owner), into);
      break;
    case state::shared_mutex_lock:
      object.address = rwlock_waited_for(call);
      add_owner(object.address + offsetof(pthread_rwlock_t, __data.__cur_writer), into);
      break;
    case state::barrier_wait:
      // struct pthread_barrier begins with its two futex words: glibc's sysdeps/nptl/internaltypes.h
      if (object.kind == "barrier") object.address -= object.address % alignof(pthread_barrier_t);
      break;
    case state::join:
      // pthread_join waits until the kernel clears the thread's id, which is therefore the expected value
      object.address = static_cast<std::uintptr_t>(static_cast<unsigned>(call.arguments[2]));
      into.waits_for.push_back(awaited_thread(wait_relation::joined, static_cast<int>(object.address)));
      break;
    default: break;
  }
}

/// Whether a wait of this kind may be for a word of the standard library's own.
inline bool waits_by_library(const wait_kind& kind) noexcept {
  const std::string_view object = kind.object;
  return kind.state == state::atomic_wait || object == "futex" || object == "std::barrier" || object == "std::latch" ||
         object == "std::counting_semaphore";
}

/// Returns an object whose address is not known, since the thread waits on a word of the library's table: two such threads may
/// wait for different objects, or for the same.
inline wait_object object_behind_pool(const wait_kind& kind, const std::string& library) {
  wait_object object{kind.object, 0, {}};
  const bool is_atomic = object.kind == "futex" || object.kind == "std::atomic";
  if (is_atomic) object.kind = "an atomic, by " + library + "'s waiter pool";
  object.waiter_pool_of = library;
  return object;
}

/// Returns the object of any system call but futex(2), by the call's arguments.
inline wait_object object_of_call(const wait_kind& kind, const parked_call& call) {
  const auto* const a = call.arguments;
  switch (call.number) {
    case SYS_wait4:
      if (static_cast<int>(a[0]) > 0) return {"process", a[0], {}};
      return {"any child process", 0, {}};
    case SYS_waitid:
      if (a[0] == P_PID) return {"process", a[1], {}};
      if (a[0] == P_PIDFD) return {"fd", a[1], {}};
      return {"any child process", 0, {}};
#if defined(SYS_futex_waitv)
    case SYS_futex_waitv: {
      futex_waitv first{};
      return {kind.object, copy_value(a[0], first) ? static_cast<std::uintptr_t>(first.uaddr) : 0, {}};
    }
#endif
    default: break;
  }
  if (*kind.object == '\0') return {};
  return {kind.object, static_cast<std::uintptr_t>(static_cast<unsigned>(a[0])), {}};
}

/// Whether the call is what pause(3) makes where the kernel has no call of that name: one without descriptors and without a
/// limit.
inline bool is_pause(const parked_call& call) noexcept {
#if defined(SYS_pause)
  return call.number == SYS_pause;
#else
  return call.number == SYS_ppoll && call.arguments[1] == 0 && call.arguments[2] == 0;
#endif
}

/// Fills in state, state_text, waits_on and waits_for.
inline void classify(const thread_look& look, straggler& into) {
  into.state = look.call.cannot_be_read() ? state::unknown : state::running;
  if (look.call.what == parked_call::kind::blocked) {
    std::optional<wait_kind> kind = wait_kind_of_syscall(look.call.number);
    if (look.call.number == SYS_futex)
      if (const auto by_stack = wait_kind_of_stack(look.stack)) kind = by_stack;
    if (is_pause(look.call)) kind = wait_kind{state::signal_wait, ""};
    into.state = kind ? kind->state : state::io_wait;
    if (look.call.number == SYS_futex) {
      const std::string pool = waits_by_library(*kind) ? waiter_pool_of(look.call.arguments[0]) : std::string();
      if (!pool.empty() && into.state == state::futex_wait) into.state = state::atomic_wait;
      if (pool.empty())
        add_object_of_futex(*kind, look.call, into);
      else
        into.waits_on = object_behind_pool(*kind, pool);
    } else if (kind) {
      into.waits_on = object_of_call(*kind, look.call);
    }
  }
  into.state_text = to_string(into.state);
}

}  // namespace taskleak::inline v0::detail

#endif
