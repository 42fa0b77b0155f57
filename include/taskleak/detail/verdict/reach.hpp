// SPDX-License-Identifier: MIT
/// \file Asks a frozen copy of the process which parked tasks can still be woken, and by what.
#ifndef TASKLEAK_DETAIL_VERDICT_REACH_HPP
#define TASKLEAK_DETAIL_VERDICT_REACH_HPP

#include <taskleak/detail/inspect/classify.hpp>
#include <taskleak/detail/inspect/waiter_pool.hpp>
#include <taskleak/detail/platform/frozen_copy.hpp>
#include <taskleak/detail/platform/parked_call.hpp>
#include <taskleak/detail/platform/process_memory.hpp>
#include <taskleak/detail/platform/restartable_call.hpp>
#include <taskleak/detail/platform/run_account.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/platform/task_directory.hpp>
#include <taskleak/detail/probe/thread/main_thread.hpp>
#include <taskleak/detail/unwind/kept_registers.hpp>
#include <taskleak/detail/unwind/stack_walker.hpp>
#if defined(TASKLEAK_HAS_OWN_WALKER)
#include <taskleak/detail/unwind/park_signal.hpp>
#endif
#include <taskleak/detail/verdict/modules_to_search.hpp>
#include <taskleak/detail/verdict/reach_facts.hpp>
#include <taskleak/detail/verdict/reach_search.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

namespace taskleak::inline v0::detail {

/// Holds a question about tasks in memory that this process and its frozen copy share. What the question says of the tasks stands
/// nowhere else: a pointer in a block of the heap would keep a task reachable.
class reach_question {
 public:
  /// Makes room for so many, all zero; `stack` has at least one part.
  reach_question(std::size_t threads, std::size_t coroutines, std::size_t ways, const std::vector<address_range>& stack) noexcept
      : pages_(sizeof(reach_answer) + stack.size() * sizeof(address_range) + threads * sizeof(thread_to_reach) +
               coroutines * sizeof(coroutine_to_reach) + ways * sizeof(way_to_task)) {
    if (!pages_.has_room()) return;
    answer_ = pages_.make<reach_answer>(1).data();
    threads_ = pages_.make<thread_to_reach>(threads);
    coroutines_ = pages_.make<coroutine_to_reach>(coroutines);
    ways_ = pages_.make<way_to_task>(ways);
    stack_ = pages_.make<address_range>(stack.size());
    std::copy(stack.begin(), stack.end(), stack_.begin());
  }

  bool has_room() const noexcept { return pages_.has_room(); }
  reach_answer& answer() const noexcept { return *answer_; }
  std::span<thread_to_reach> threads() const noexcept { return threads_; }
  std::span<coroutine_to_reach> coroutines() const noexcept { return coroutines_; }
  std::span<way_to_task> ways() const noexcept { return ways_; }
  /// The parts of the calling thread's stack that are the program's.
  std::span<const address_range> stack() const noexcept { return stack_; }
  address_range memory() const noexcept { return pages_.memory(); }

 private:
  shared_pages pages_;
  reach_answer* answer_ = nullptr;
  std::span<thread_to_reach> threads_;
  std::span<coroutine_to_reach> coroutines_;
  std::span<way_to_task> ways_;
  std::span<address_range> stack_;
};

/// Whether a thread in this call may have its memory in an order that only itself can make sense of: inside the allocator, say.
inline bool changes_memory(const parked_call& call) noexcept {
  for (const long number : {SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise})
    if (call.number == number) return true;
  return false;
}

/// Has a thread tell its registers: it takes a signal, and goes on with the same wait. Only where the stack does not tell them.
inline bool ask_for_registers(thread_to_reach& t) {
#if defined(TASKLEAK_HAS_OWN_WALKER)
  const std::optional<held_thread> held = copy_running_thread(t.tid);
  if (!held) return false;
  unsigned i = 0;
  for (const unsigned r : registers_that_outlive_calls) t.registers[i++] = held->frame[r];
  constexpr std::int64_t time_to_go_on_ns = 200'000'000;
  for (const std::int64_t deadline = now_ns() + time_to_go_on_ns; now_ns() < deadline; sched_yield())
    if (read_parked_call(t.tid).what == parked_call::kind::blocked) return true;
#endif
  return false;
}

/// Looks at a thread from outside. Returns false when it runs, or when that is not known. A lock has an owner only where the look
/// may take long, since that takes symbols; without one it counts as a wait that everybody can end who has the lock.
inline bool look_at_parked(thread_to_reach& t, bool may_take_long) {
  std::optional<run_account> ran = read_run_account(t.tid);
  const parked_call call = read_parked_call(t.tid);
  if (!ran || call.what != parked_call::kind::blocked || call.number < 0 || changes_memory(call)) return false;
  t.waits = is_endless_futex_wait(call);
  const raw_stack stack = walk_parked_stack(call.sp, call.pc);
  t.may_hold_more = may_hold_more_in_registers(stack);
  if (t.may_hold_more && may_take_long && goes_on_after_signal(call)) {
    t.may_hold_more = !ask_for_registers(t);
    ran = read_run_account(t.tid);
    if (!ran || read_parked_call(t.tid) != call) return false;
  }
  t.ran = *ran;
  t.sp = call.sp;
  if (!t.waits) return true;
  t.object = call.arguments[0];
  t.pool_slot = waiter_pool_slot(t.object);
  const std::optional<wait_kind> kind = may_take_long ? wait_kind_of_stack(stack) : std::nullopt;
  t.is_mutex = kind && is_mutex(*kind);
  if (t.is_mutex) t.owner_at = t.object + offsetof(pthread_mutex_t, __data.__owner);
  if (kind && kind->state == state::shared_mutex_lock)
    t.owner_at = rwlock_waited_for(call) + offsetof(pthread_rwlock_t, __data.__cur_writer);
  return true;
}

/// Asks once. Returns the thread that has run meanwhile, 0 if there is none; then `question.answer()` is the answer. With
/// `may_take_long` symbols are read, and threads may be held for a moment.
inline int ask_what_is_reached(const reach_question& question, bool may_take_long) {
  for (thread_to_reach& t : question.threads()) {
    if (t.is_caller) {
      t.sp = question.stack().front().from;
      continue;
    }
    if (!look_at_parked(t, may_take_long)) return t.tid;
  }
  static_memory statics;
  statics.collect(&what_may_reach);
  struct {
    const reach_question& question;
    reach_search::question asked;
    const static_memory& statics;
    const descriptor_layout& layout;
    int moved = 0;
  } all{question,
        {question.threads(), question.coroutines(), question.ways(), handle_of_main_thread.load_acquire(), question.memory(),
         question.stack()},
        statics,
        descriptor_layout::known()};
  constexpr std::int64_t longest_ns = 10'000'000'000;
  const copy_outcome outcome = on_frozen_copy(
      [](void* given) {
        auto& a = *static_cast<decltype(all)*>(given);
        a.question.answer() = reach_search(a.asked, a.statics, a.layout).run();
        return 0;
      },
      &all, longest_ns,
      [](void* given) {
        auto& a = *static_cast<decltype(all)*>(given);
        std::vector<int> now;
        if (!own_tasks.list(now) || now.size() != a.question.threads().size()) return false;
        for (const thread_to_reach& t : a.question.threads()) {
          if (t.is_caller || has_not_run_since(t.tid, t.ran)) continue;
          a.moved = t.tid;
          return false;
        }
        return true;
      });
  if (outcome.how != copy_outcome::kind::stale && !outcome.is_done()) question.answer() = {};
  return outcome.how == copy_outcome::kind::stale ? (all.moved != 0 ? all.moved : -1) : 0;
}

}  // namespace taskleak::inline v0::detail

#endif
