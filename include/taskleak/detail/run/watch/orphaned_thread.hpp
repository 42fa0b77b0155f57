// SPDX-License-Identifier: MIT
/// \file Finds out in a signal handler whether anything that can still run can wake the interrupted thread.
#ifndef TASKLEAK_DETAIL_RUN_WATCH_ORPHANED_THREAD_HPP
#define TASKLEAK_DETAIL_RUN_WATCH_ORPHANED_THREAD_HPP

#include <taskleak/detail/platform/frozen_copy.hpp>
#include <taskleak/detail/platform/outside_look.hpp>
#include <taskleak/detail/platform/run_account.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/platform/task_directory.hpp>
#include <taskleak/detail/run/watch/last_dump.hpp>
#include <taskleak/detail/unwind/interrupted_thread.hpp>
#include <taskleak/detail/unwind/kept_registers.hpp>
#include <taskleak/detail/verdict/owners.hpp>
#include <taskleak/detail/verdict/reach.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

#if defined(TASKLEAK_HAS_OWN_WALKER)

/// Puts what the signal has interrupted into the question about all threads.
inline void note_interrupted(thread_to_reach& t, const interrupted_thread& at) noexcept {
  t.call = at.call;
  t.waits = true;
  t.object = at.call.arguments[0];
  t.sp = at.frame[dwarf_register::stack_pointer];
  unsigned i = 0;
  for (const unsigned r : registers_that_outlive_calls) t.registers[i++] = at.frame[r];
}

/// Looks at all threads from outside, but for the calling one. Returns false where one of them runs.
inline bool note_all_threads(const reach_question& question, const interrupted_thread& at) noexcept {
  std::size_t count = 0;
  const bool all = for_each_outside_thread(current_pid(), [&](int tid) {
    if (count == question.threads().size()) return false;
    question.threads()[count++].tid = tid;
    return true;
  });
  if (!all || count != question.threads().size()) return false;
  std::sort(question.threads().begin(), question.threads().end(),
            [](const thread_to_reach& a, const thread_to_reach& b) { return a.tid < b.tid; });
  for (thread_to_reach& t : question.threads())
    if (t.tid == current_tid())
      note_interrupted(t, at);
    else if (!note_call(t))
      return false;
  return true;
}

/// Is what the frozen copy has to do.
struct search_in_copy {
  copied_work work;
  reach_question& question;
};

/// Answers the question in the frozen copy; returns 0 if nothing can wake the interrupted thread.
inline int run_search(const void* given) {
  const auto& [work, question] = *static_cast<const search_in_copy*>(given);
  if (!knows_all_memory() || is_under_valgrind()) return 1;
  for (thread_to_reach& t : question.threads())
    if (t.tid == current_tid())
      question.keep_frames(t, work.at->walk());
    else
      look_at_stack(question, t);
  static_memory statics;
  statics.collect(&what_may_reach);
  question.answer() = search_for(question, statics);
  const auto self = std::find_if(question.threads().begin(), question.threads().end(),
                                 [](const thread_to_reach& t) { return t.tid == current_tid(); });
  return question.answer().doubt == reach_doubt::none && !self->can_run ? 0 : 1;
}

/// Whether nothing that can still run can wake the calling thread from the wait that a signal has interrupted. False also where
/// that is not certain.
///
/// Here, where any lock may be held, it makes system calls and nothing else. The stacks are walked and the memory is searched in
/// a frozen copy.
inline bool is_orphaned(const interrupted_thread& at) noexcept {
  if (at.call.what != parked_call::kind::blocked || !is_endless_futex_wait(at.call)) return false;
  const int threads = own_tasks.count();
  if (threads <= 0) return false;
  reach_question question(static_cast<std::size_t>(threads), 0, 0, {});
  if (!question.has_room() || !note_all_threads(question, at)) return false;
  search_in_copy all{{&run_search, nullptr, &at}, question};
  all.work.facts = &all;
  constexpr std::int64_t longest_ns = 3'000'000'000;
  const copy_outcome outcome = on_frozen_copy(
      [](void* given) { return begin_copied_work(static_cast<search_in_copy*>(given)->work); }, &all, longest_ns,
      [](void* given) {
        const reach_question& asked = static_cast<search_in_copy*>(given)->question;
        return has_as_many_threads(asked) &&
               std::all_of(asked.threads().begin(), asked.threads().end(),
                           [](const thread_to_reach& t) { return t.tid == current_tid() || has_not_run_since(t.tid, t.ran); });
      });
  return outcome.is_done() && outcome.status == 0;
}

#else

inline bool is_orphaned(const interrupted_thread&) noexcept { return false; }

#endif

}  // namespace taskleak::inline v0::detail

#endif
