// SPDX-License-Identifier: MIT
/// \file Describes the threads when the program ends by std::terminate or SIGABRT, and lets the program end so.
///
/// A std::thread that is destroyed without a join ends in std::terminate, which says nothing of the thread. An exception or an
/// assertion ends a program without naming the thread. timeout(1) says nothing at all of a program that hangs.
#ifndef TASKLEAK_DETAIL_RUN_DEATH_HPP
#define TASKLEAK_DETAIL_RUN_DEATH_HPP

#include <taskleak/detail/platform/signal_hand_on.hpp>
#include <taskleak/detail/platform/without_cancellation.hpp>
#include <taskleak/detail/probe/thread/thread_life.hpp>
#include <taskleak/detail/run/call_to_abort.hpp>
#include <taskleak/detail/run/exit_code.hpp>
#include <taskleak/detail/run/last_words.hpp>
#include <taskleak/detail/run/stack_room.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>

namespace taskleak::inline v0::detail {

inline std::terminate_handler terminate_handler_before = nullptr;

[[gnu::noinline]] inline void tell_of_terminate() {
  const without_cancellation whole;
  last_words& words = the_last_words;
  if (!words.word.take()) {
    words.word.wait_for_other();
    return;
  }
  words.end = ending::terminate;
  words.frame = kept_registers_here();
  words.stack = signal_safe_stack(words.frame);
  if (the_signal_safe_list.has_stack(stack_of_last_words)) {
    speak_in_words(words, stdout);
  } else {
    write_last_words_signal_safely(words);
    words.word.finish();
  }
}

[[noreturn]] inline void tell_and_terminate() {
  // a run that has failed has made its report already
  const bool is_alive = !in_child_process() && !is_frozen_copy();
  if (is_alive && exit_code_to_keep.load_acquire() == 0 && has_stack_for_list()) tell_of_terminate();
  if (terminate_handler_before) terminate_handler_before();
  std::abort();
}

/// Whether the thread may do what signal-safety(7) forbids, since the handler has interrupted nothing that forbids it: the thread
/// has called abort() itself, is parked in a system call, or runs in code of its own. If a lock is held all the same, as by a
/// program with an allocator of its own, end_in_time helps.
inline bool may_speak_in_words([[maybe_unused]] const last_words& words) noexcept {
#if defined(TASKLEAK_TSAN)
  return false;  // ThreadSanitizer reports each allocation in a signal handler, wherever the signal arrives
#else
  if (words.stack.is_in_signal_handler()) return false;
  const bool is_harmless = words.end != ending::sent
                               ? words.call.by_the_program
                               : words.interrupted.what == parked_call::kind::blocked || is_outside_of_libc(words.stack);
  return is_harmless && the_registry.try_for_each([](task_node&) {}) && the_signal_safe_list.has_stack(stack_of_last_words);
#endif
}

/// Writes what there is to write in the handler of SIGABRT. Returns false when the program must not end yet.
[[gnu::noinline]] inline bool tell_of_abort(const signal_facts& came) {
  last_words& words = the_last_words;
  const registers frame = interrupted_registers(came.registers);
  const signal_safe_stack stack(frame);
  const call_to_abort call = call_to_abort_of(came.info, came.registers, stack);
  const bool is_own = call.how != call_to_abort::kind::none;
  if (is_own && exit_code_to_keep.load_acquire() != 0) end_with_kept_exit_code();
  if (words.word.is_interrupted()) {
    // a second signal, as timeout(1) sends one to the group of processes, too: this thread is about to hand the first one on
    if (!is_own && !end_in_time::is_over(came.info)) return false;
    write_last_words_signal_safely(words);
    words.word.finish();
    return true;
  }
  // abort on the main thread: the assertion has said what it is about, and the other threads have no part in it
  if (is_own && !call.in_terminate && current_tid() == current_pid()) return true;
  if (!words.word.take()) {
    words.word.wait_for_other();
    return true;
  }
  words.end = !is_own ? ending::sent : call.in_terminate ? ending::terminate : ending::own_abort;
  words.call = call;
  words.sender = came.info.si_code == SI_TIMER ? 0 : came.info.si_pid;  // 0 for one of another pid namespace, too
  words.frame = frame;
  words.interrupted = interrupted_call(came.registers);
  words.stack = stack;
  if (may_speak_in_words(words)) {
    speak_in_words(words, nullptr);
    return true;
  }
  write_last_words_signal_safely(words);
  words.word.finish();
  return true;
}

extern "C" inline void taskleak_on_abort(int number, siginfo_t* info, void* context) {
  const errno_keeper keep_errno;
  const without_cancellation whole;
  const signal_facts came(number, info, context);
  if (came.has_registers && !in_child_process() && has_stack_for_list() && !tell_of_abort(came)) return;
  hand_on_to_default(number, came);
}

/// Installs the handler of SIGABRT, but not on an alternative stack, which would be too small for a description.
inline void take_abort_signal() noexcept { take_signal(SIGABRT, &taskleak_on_abort, 0); }

inline void tell_of_threads_on_death() noexcept {
  static bool installed = false;
  if (installed) return;
  installed = true;
  find_abort_functions();
  terminate_handler_before = std::set_terminate(&tell_and_terminate);
  take_abort_signal();
}

}  // namespace taskleak::inline v0::detail

#endif
