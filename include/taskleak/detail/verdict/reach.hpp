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
#include <taskleak/detail/symbols/plumbing.hpp>
#include <taskleak/detail/symbols/symbolizer.hpp>
#include <taskleak/detail/unwind/kept_registers.hpp>
#include <taskleak/detail/unwind/stack_walker.hpp>
#if defined(TASKLEAK_HAS_OWN_WALKER)
#include <taskleak/detail/unwind/held_threads.hpp>
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
  /// Makes room for so many, all zero; `stack` is that of a caller that can run, in at least one part. `own_list` is the check's
  /// list of stragglers, which is no holder.
  reach_question(std::size_t threads, std::size_t coroutines, std::size_t ways, std::span<const address_range> stack,
                 address_range own_list = {}) noexcept
      : pages_(sizeof(reach_answer) + stack.size() * sizeof(address_range) + threads * sizeof(thread_to_reach) +
               coroutines * sizeof(coroutine_to_reach) + ways * sizeof(way_to_task)),
        own_list_(own_list) {
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
  address_range own_list() const noexcept { return own_list_; }

  /// Keeps where the frames of a thread end, with all bits turned, so that none is a pointer into the stack.
  void keep_frames(thread_to_reach& t, const raw_stack& stack) {
    t.first_frame = turned_ends_.size();
    t.frames = 0;
    if (!stack.complete) return;
    for (const std::uintptr_t end : stack.ends) {
      if (end == 0) break;
      turned_ends_.push_back(~end);
      ++t.frames;
    }
  }
  std::span<const std::uintptr_t> turned_ends() const noexcept { return turned_ends_; }

 private:
  shared_pages pages_;
  address_range own_list_;
  reach_answer* answer_ = nullptr;
  std::span<thread_to_reach> threads_;
  std::span<coroutine_to_reach> coroutines_;
  std::span<way_to_task> ways_;
  std::span<address_range> stack_;
  std::vector<std::uintptr_t> turned_ends_;
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

/// Notes where a thread is parked. Returns false when it runs, or when that is not known. Makes system calls only.
inline bool note_call(thread_to_reach& t) noexcept {
  const std::optional<run_account> ran = read_run_account(t.tid);
  t.call = read_parked_call(t.tid);
  if (!ran || t.call.what != parked_call::kind::blocked || t.call.number < 0 || changes_memory(t.call)) return false;
  t.ran = *ran;
  t.sp = t.call.sp;
  t.waits = is_endless_futex_wait(t.call);
  if (t.waits) t.object = t.call.arguments[0];
  return true;
}

/// Looks at the stack of a parked thread, for its frames and for what it may have in registers. Returns the stack.
inline raw_stack look_at_stack(reach_question& question, thread_to_reach& t) {
  raw_stack stack = walk_parked_stack(t.call.sp, t.call.pc);
  question.keep_frames(t, stack);
  t.may_hold_more = may_hold_more_in_registers(stack);
  if (t.waits) t.pool_slot = waiter_pool_slot(t.object);
  return stack;
}

/// Returns where the innermost frame of the program's ends: it or one that it has called has the address of the atomic that is
/// waited for, since the library looks at the atomic again after each wake. Returns 0 where that is not known.
inline std::uintptr_t end_of_wait_in_program(const raw_stack& stack) {
  for (std::size_t i = 0; i < stack.addresses.size(); ++i) {
    for (const frame& f : resolve(stack.addresses[i], i > 0 && !stack.interrupted[i]))
      if (!f.function.empty() && origin_of(f) != frame_origin::language) return stack.ends[i];
  }
  return 0;
}

/// Finds where the lock that a parked thread waits for says who holds it, and where the address of its atomic may be. Takes
/// symbols. Without it a lock counts as a wait that everybody can end who has the lock.
inline void look_for_owner(thread_to_reach& t, const raw_stack& stack) {
  const std::optional<wait_kind> kind = t.waits ? wait_kind_of_stack(stack) : std::nullopt;
  t.is_mutex = kind && is_mutex(*kind);
  if (t.is_mutex) t.owner_at = t.object + offsetof(pthread_mutex_t, __data.__owner);
  if (kind && kind->state == state::shared_mutex_lock)
    t.owner_at = rwlock_waited_for(t.call) + offsetof(pthread_rwlock_t, __data.__cur_writer);
  if (t.pool_slot >= 0) t.pool_wait_ends = end_of_wait_in_program(stack);
}

/// Looks at a thread from outside. Returns false when it runs, or when that is not known. With `may_take_long` symbols are read,
/// and the thread may be held for a moment.
inline bool look_at_parked(reach_question& question, thread_to_reach& t, bool may_take_long) {
  if (!note_call(t)) return false;
  const raw_stack stack = look_at_stack(question, t);
  if (!may_take_long) return true;
  look_for_owner(t, stack);
  if (!t.may_hold_more || !goes_on_after_signal(t.call)) return true;
  const parked_call before = t.call;
  t.may_hold_more = !ask_for_registers(t);
  return note_call(t) && t.call == before;
}

/// Whether all blocks are known beforehand: where an allocator is asked for one block at a time, memory that is no block of its
/// own is not looked through, such as a mapping of the program's, and pointers there are missed.
inline bool knows_all_memory() noexcept { return !has_blocks_of_sanitizer() && !foreign_allocator::known().is_there(); }

/// Searches the frozen copy that it is called in.
inline reach_answer search_for(const reach_question& question, const static_memory& statics) noexcept {
  const reach_search::question asked{
      question.threads(), question.coroutines(), question.ways(),  handle_of_main_thread.load_acquire(),
      question.memory(),  question.own_list(),   question.stack(), question.turned_ends()};
  return reach_search(asked, statics, descriptor_layout::known()).run();
}

/// Whether the process has as many threads as the question is about.
inline bool has_as_many_threads(const reach_question& question) noexcept {
  return own_tasks.count() == static_cast<int>(question.threads().size());
}

/// Looks at a thread from outside, up to three times. Returns false when it runs each time, or when that is not known.
inline bool finds_parked(reach_question& question, thread_to_reach& t, bool may_take_long) {
  constexpr int most_looks = 3;  // a thread that works and waits in turn is caught waiting
  for (int looks = 0; looks < most_looks; ++looks) {
    if (look_at_parked(question, t, may_take_long)) return true;
    if (t.call.what != parked_call::kind::running) return false;
  }
  return false;
}

#if defined(TASKLEAK_HAS_OWN_WALKER)

/// Holds the threads that run, and notes where their registers are. Returns a thread that could not be held, 0 if there is none.
inline int hold_those_that_run(reach_question& question, held_threads& held) noexcept {
  for (const thread_to_reach& t : question.threads()) {
    // a signal would end some calls that the thread may have entered since
    const auto runs_still = [&] { return read_parked_call(t.tid).what == parked_call::kind::running; };
    if (t.is_held && (!runs_still() || !held.hold(t.tid))) return t.tid;
  }
  for (thread_to_reach& t : question.threads()) {
    if (!t.is_held) continue;
    const held_place* const place = held.wait_for(t.tid);
    const std::optional<run_account> ran = place ? read_run_account(t.tid) : std::nullopt;
    if (!ran) return t.tid;
    t.ran = *ran;
    t.sp = place->sp;
    t.context = place->context;
    t.context_end = place->context_end;
    t.waits = t.may_hold_more = false;
  }
  return 0;
}

#else

/// Stands where no running thread can be held.
struct held_threads {
  void let_go() noexcept {}
};

inline int hold_those_that_run(const reach_question& question, held_threads&) noexcept {
  for (const thread_to_reach& t : question.threads())
    if (t.is_held) return t.tid;
  return 0;
}

#endif

/// Asks once, about threads in the order of their ids. Returns the thread that has run meanwhile, 0 if there is none; then
/// `question.answer()` is the answer. With `may_take_long` symbols are read, and threads may be held: those that are parked each
/// for a moment, those that run until the process has been copied.
inline int ask_what_is_reached(reach_question& question, bool may_take_long) {
  for (thread_to_reach& t : question.threads()) {
    if (t.is_caller) {
      t.sp = question.stack().front().from;
      continue;
    }
    if (t.is_of_taskleak || finds_parked(question, t, may_take_long)) continue;
    t.is_held = may_take_long && t.call.what == parked_call::kind::running;
    if (!t.is_held) return t.tid;
  }
  descriptor_layout::known();  // asks the loader, which the copy may not
  static_memory statics;
  statics.collect(&what_may_reach);
  struct {
    const reach_question& question;
    const static_memory& statics;
    held_threads held{};
    int moved = 0;
  } all{question, statics};
  if (const int runs_on = hold_those_that_run(question, all.held)) return runs_on;
  constexpr std::int64_t longest_ns = 10'000'000'000;
  const copy_outcome outcome = on_frozen_copy(
      [](void* given) {
        auto& a = *static_cast<decltype(all)*>(given);
        a.question.answer() = search_for(a.question, a.statics);
        return 0;
      },
      &all, longest_ns,
      [](void* given) {
        auto& a = *static_cast<decltype(all)*>(given);
        const bool is_good = has_as_many_threads(a.question) &&
                             std::all_of(a.question.threads().begin(), a.question.threads().end(), [&](const thread_to_reach& t) {
                               const bool has_stayed = t.is_caller || t.is_of_taskleak || has_not_run_since(t.tid, t.ran);
                               if (!has_stayed) a.moved = t.tid;
                               return has_stayed;
                             });
        a.held.let_go();
        return is_good;
      });
  all.held.let_go();
  if (outcome.how != copy_outcome::kind::stale && !outcome.is_done())
    question.answer() = {outcome.how == copy_outcome::kind::refused ? reach_doubt::no_copy : reach_doubt::not_read, 0};
  return outcome.how == copy_outcome::kind::stale ? (all.moved != 0 ? all.moved : -1) : 0;
}

}  // namespace taskleak::inline v0::detail

#endif
