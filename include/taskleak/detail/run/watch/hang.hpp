// SPDX-License-Identifier: MIT
/// \file Does on the main thread what the helper has asked for: says what hangs, fails the test, and ends the process.
#ifndef TASKLEAK_DETAIL_RUN_WATCH_HANG_HPP
#define TASKLEAK_DETAIL_RUN_WATCH_HANG_HPP

#include <taskleak/detail/base/path.hpp>
#include <taskleak/detail/platform/frozen_copy.hpp>
#include <taskleak/detail/platform/signal_hand_on.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/platform/without_cancellation.hpp>
#include <taskleak/detail/probe/thread/thread_record.hpp>
#include <taskleak/detail/registry/current.hpp>
#include <taskleak/detail/registry/registry.hpp>
#include <taskleak/detail/run/call_to_abort.hpp>
#include <taskleak/detail/run/last_words.hpp>
#include <taskleak/detail/run/run_state.hpp>
#include <taskleak/detail/run/watch/coverage.hpp>
#include <taskleak/detail/run/watch/dump_signals.hpp>
#include <taskleak/detail/run/watch/hang_text.hpp>
#include <taskleak/detail/run/watch/last_dump.hpp>
#include <taskleak/detail/run/watch/orphaned_thread.hpp>
#include <taskleak/detail/run/watch/watch.hpp>
#include <taskleak/detail/run/watch/watch_signal.hpp>
#include <taskleak/detail/unwind/interrupted_thread.hpp>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <stdio_ext.h>
#include <ucontext.h>

namespace taskleak::inline v0::detail {

/// Holds what the handler knows of a hang, for the copy that describes it.
struct hang_facts {
  watch_request why = watch_request::none;
  const scope* of = nullptr;  ///< what hangs
  std::int64_t limit_ns = 0;  ///< of too_long
  bool fails = true;          ///< whether the test framework is told, since the process will end
  bool by_framework = true;   ///< whether the test framework does it, in its own way
  bool ends = true;           ///< whether the process ends

  const char* name() const noexcept { return of && of->name ? of->name : "the program"; }

  /// Writes the first line where the full text cannot be made.
  void write(signal_safe_writer& out) const noexcept {
    if (why == watch_request::all_asleep) out.text("all tasks are asleep: ");
    if (why == watch_request::long_wait) out.text("the main thread is orphaned: ");
    out.text_on_one_line(why == watch_request::stuck ? "the process" : name());
    out.text(why == watch_request::stuck      ? " does not end"
             : why == watch_request::too_long ? " has not ended in time"
                                              : " can never end");
  }
};

/// Writes the formats of the whole run, with this hang as its last report.
inline void write_outputs_of_hang(const hang_facts& facts, report found) {
  if (facts.of && facts.of->file) found.file = shorten_path(facts.of->file);
  found.line = facts.of ? facts.of->line : 0;
  found.fails = true;
  std::vector<std::string> errors;
  if (!the_run().outputs.keep_and_write_alone(std::move(found), errors))
    errors.emplace_back("another thread was about to add a report, so what format and output ask for is not written");
  signal_safe_writer out;
  for (const std::string& error : errors) out.text("taskleak: ").text(error.data(), error.size()).text("\n");
  out.flush();
}

/// Describes the hang, on a frozen copy.
inline int tell_of_hang(const void* given) {
  const hang_facts& facts = *static_cast<const hang_facts*>(given);
  report found = report_of_hang(facts.why, facts.name(), facts.limit_ns);
  const std::string text = text_of_hang(found);
  const hang_sink sink = the_run().sink_of_hangs.load(std::memory_order_acquire);
  if (facts.fails) std::fflush(stdout);  // a process that goes on will write this text itself
  const failure told{facts.of && facts.of->file ? facts.of->file : "taskleak", facts.of ? facts.of->line : 0, text, true};
  if (!facts.fails || !sink || facts.why == watch_request::stuck || !sink(told, facts.by_framework)) {
    signal_safe_writer out;
    out.text("taskleak: ").text(text.data(), text.size()).flush();
  }
  if (facts.ends && the_run().outputs.any()) write_outputs_of_hang(facts, std::move(found));
  if (facts.fails) {
    std::fflush(stdout);
    std::cout.flush();  // has a buffer of its own after sync_with_stdio(false)
  }
  return 0;
}

/// Writes what exit() would have written, on a frozen copy of its own: the program may hold a lock of one of its files, and has
/// said by then what there is to say.
inline void write_as_at_exit(bool has_flushed_stdout) noexcept {
  constexpr std::int64_t longest_ns = 2'000'000'000;
  on_frozen_copy(
      [](void* flushed) {
        if (flushed) __fpurge(stdout);
        write_coverage();
        return std::fflush(nullptr);
      },
      has_flushed_stdout ? stdout : nullptr, longest_ns);
}

/// Returns the innermost test, suite or guard that the calling thread is in.
inline const scope* innermost_scope() noexcept {
  const scope* s = this_task.charging;
  while (s && s->has_ended.load_relaxed()) s = s->parent;
  return s;
}

/// Returns what the helper asks about; false where it is no longer so, or never was.
inline bool find_facts(watch_request why, hang_facts& facts) noexcept {
  const watch_page& page = *the_watch.page;
  const bool is_over =
      why == watch_request::stuck || (why == watch_request::all_asleep && page.phase.load_relaxed() != watch_phase::running);
  facts.why = is_over ? watch_request::stuck : why;
  facts.of = is_over ? nullptr : innermost_scope();
  if (why != watch_request::too_long) return true;
  const std::uint32_t slot = page.asked_slot.load_relaxed();
  const watch_slot& limit = page.limits[slot];
  if (limit.generation.load_acquire() != page.asked_generation.load_relaxed()) return false;
  facts.limit_ns = limit.limit_ns.load_relaxed();
  facts.of = the_watch.limited[slot].load_acquire();
  return facts.limit_ns != 0;
}

/// Returns until when a question may be put off, by this much from when it was asked first.
inline std::int64_t end_of_putting_off(std::int64_t longest_ns) noexcept {
  constexpr std::int64_t same_question_ns = 5'000'000'000;
  const std::int64_t now = now_ns();
  if (now - the_watch.first_try_ns > same_question_ns) the_watch.first_try_ns = now;
  return the_watch.first_try_ns + longest_ns;
}

/// Whether to come again in a moment, when the thread will be elsewhere; false where it does not move, or the time for that is
/// over.
inline bool puts_off(const interrupted_thread& at, std::int64_t longest_ns) noexcept {
  if (at.call.what == parked_call::kind::blocked || now_ns() >= end_of_putting_off(longest_ns)) return false;
  the_watch.page->is_put_off.store(true);
  return true;
}

/// Whether to come again in a moment: the thread is in the C library, in its allocator for instance, and holds a lock.
inline bool is_at_a_bad_moment(const interrupted_thread& at) noexcept {
  constexpr std::int64_t longest_ns = 200'000'000;
  return !is_outside_of_libc(signal_safe_stack(at.frame)) && puts_off(at, longest_ns);
}

inline void watch_signal_handler(int number, siginfo_t* info, void* context);

inline bool is_handler_of_taskleak(raw_signal_handler handler) noexcept {
  return handler == &watch_signal_handler || handler == &park_signal_handler || handler == &dump_signal_handler;
}

[[noreturn]] inline void end_process_now(int code) noexcept {
  for (;;) syscall(SYS_exit_group, code);
}

/// Whether one of the threads that the helper has seen sleeping is the program's own, or may be: ThreadSanitizer's is the only
/// one that nobody has announced.
inline bool have_sleepers_of_its_own(const watch_page& page) noexcept {
  bool any = false;
  const bool all = the_registry.try_for_each([&](task_node& node) {
    const int tid = static_cast<const thread_record&>(node).tid.load_acquire();
    for (const int sleeper : page.sleepers) any = any || (sleeper != 0 && sleeper == tid);
  });
  return any || !all;
}

/// Counts how often in a row nothing could wake the thread from a long wait; returns whether that is certain by now.
inline bool is_certainly_orphaned(watch_page& page, const interrupted_thread& at) noexcept {
  constexpr std::uint32_t times_to_be_sure = 3;
  const std::uint32_t times = is_orphaned(at) ? page.times_orphaned.load_relaxed() + 1 : 0;
  page.times_orphaned.store_relaxed(times % times_to_be_sure);
  return times == times_to_be_sure;
}

[[gnu::noinline]] inline void answer_watcher(watch_request why, const signal_registers& registers) {
  watch_page& page = *the_watch.page;
  if (the_last_words.word.is_taken()) return;  // the process is about to die, within the time of last_words.hpp
  if (why == watch_request::all_asleep && handles_signals_of_its_own(is_handler_of_taskleak)) {
    page.wakeable_in.store_relaxed(page.beat.load_relaxed() + 1);
    return;
  }
  if (why == watch_request::all_asleep && have_sleepers_of_its_own(page)) return;
  hang_facts facts;
  if (!find_facts(why, facts)) return;
  interrupted_thread at(registers);
  at.parked_ns = the_watch.still_ns();
  if (is_at_a_bad_moment(at)) return;
  if (why == watch_request::long_wait && !is_certainly_orphaned(page, at)) return;
  const hang_action action = the_run().environment.hang;
  facts.fails = action == hang_action::fail || facts.why == watch_request::stuck;
  facts.ends = facts.fails || action == hang_action::abort;
  constexpr std::int64_t longest_ns = 20'000'000'000, longest_try_ns = 1'000'000'000, short_try_ns = 100'000'000;
  std::int64_t last_try_ns = 0;  // where all threads are asleep the next copy is like the first one
  if (why == watch_request::too_long || why == watch_request::stuck)
    last_try_ns = now_ns() + (at.call.what == parked_call::kind::blocked ? longest_try_ns : short_try_ns);
  bool is_told = do_on_copy({&tell_of_hang, &facts, &at}, longest_ns, last_try_ns);
  if (!is_told && puts_off(at, longest_try_ns)) return;
  the_watch.first_try_ns = 0;
  if (!is_told && facts.fails) {
    facts.by_framework = false;
    is_told = do_on_copy({&tell_of_hang, &facts, &at}, longest_ns);
  }
  if (!is_told) write_short_dump([&](signal_safe_writer& out) { facts.write(out); }, at);
  if (facts.fails) {
    write_as_at_exit(is_told);
    end_process_now(the_watch.exit_code_of(facts.why));
  }
  if (action == hang_action::abort) {
    signal_facts nobody(SIGABRT, nullptr, nullptr);
    hand_on_to_default(SIGABRT, nobody);
    return;
  }
  if (why == watch_request::too_long) {
    page.limits[page.asked_slot.load_relaxed()].limit_ns.store_relaxed(0);
    return;
  }
  page.told_in.store_relaxed(page.beat.load_relaxed() + 1);
  page.wakeable_in.store_relaxed(page.beat.load_relaxed() + 1);
}

/// Has the interrupted thread block the signal again.
inline void block_after_return(void* context, int number) noexcept {
  auto& mask = reinterpret_cast<std::uint64_t&>(static_cast<ucontext_t*>(context)->uc_sigmask);  // the kernel's has eight bytes
  mask |= std::uint64_t{1} << (number - 1);
}

/// Handles the helper's signal. Another signal of the same number does what it would have done without taskleak.
inline void watch_signal_handler(int number, siginfo_t* info, void* context) {
  const errno_keeper keep_errno;
  if (info->si_code != SI_QUEUE || info->si_errno != watch_signal_mark) {
    hand_signal_on(number, info);
    return;
  }
  const without_cancellation whole;
  signal_registers& interrupted = registers_in(context);
  watch_page* const page = the_watch.page;
  // the helper may let its signal through just when the handler has begun, which blocks all signals
  if (page && !page->is_answering.exchange(true)) {
    const watch_request why = page->asked.exchange(watch_request::none);
    if (why != watch_request::none) answer_watcher(why, interrupted);
    if (page->was_blocked.exchange(false)) block_after_return(context, number);
    page->is_answering.store(false);
  }
  call_again(interrupted);
}

/// Takes the signals, starts the helper, and the limit of the run where there is one: Bazel says in TEST_TIMEOUT after how many
/// seconds it will end the program without a word. Returns an empty text, or why nobody watches.
inline const char* begin_watch() {
  const environment_options& environment = the_run().environment;
  const char* refusal = take_dump_signals(environment.dump_on_signal)
                            ? ""
                            : "dump_on_signal: the program handles or ignores this signal already, and does so still";
  if (!environment.watch) return refusal;
  if (const char* const other = start_watch(&watch_signal_handler); *other != '\0') refusal = other;
  if (the_watch.is_on()) the_watch.page->judges_long_waits = environment.verdicts != verdict_action::off;
  constexpr std::int64_t time_to_tell_ns = 3'000'000'000;
  constexpr std::int64_t second_ns = 1'000'000'000, longest_s = std::numeric_limits<std::int64_t>::max() / second_ns;
  const char* const limit = std::getenv("TEST_TIMEOUT");
  if (limit)
    begin_limit(program_scope,
                std::clamp<std::int64_t>(std::strtoll(limit, nullptr, 10), 0, longest_s) * second_ns - time_to_tell_ns);
  return refusal;
}

}  // namespace taskleak::inline v0::detail

#endif
