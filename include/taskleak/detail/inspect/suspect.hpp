// SPDX-License-Identifier: MIT
/// \file Describes a thread that a check may report, facet by facet: who created it, what it waits for, since when, its stack.
#ifndef TASKLEAK_DETAIL_INSPECT_SUSPECT_HPP
#define TASKLEAK_DETAIL_INSPECT_SUSPECT_HPP

#include <taskleak/detail/inspect/classify.hpp>
#include <taskleak/detail/inspect/creator.hpp>
#include <taskleak/detail/inspect/facet.hpp>
#include <taskleak/detail/inspect/inspect_coroutine.hpp>
#include <taskleak/detail/inspect/known_pools.hpp>
#include <taskleak/detail/inspect/labelled_wait.hpp>
#include <taskleak/detail/inspect/recorded_thread.hpp>
#include <taskleak/detail/inspect/restarted_call.hpp>
#include <taskleak/detail/inspect/scope_name.hpp>
#include <taskleak/detail/inspect/stack_gap.hpp>
#include <taskleak/detail/inspect/start_function.hpp>
#include <taskleak/detail/inspect/transfer_frames.hpp>
#include <taskleak/detail/inspect/wait_facts.hpp>
#include <taskleak/detail/inspect/wait_words.hpp>
#include <taskleak/detail/platform/parked_call.hpp>
#include <taskleak/detail/platform/proc_file.hpp>
#include <taskleak/detail/platform/run_account.hpp>
#include <taskleak/detail/platform/scheduler_clock.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/probe/thread/live_thread.hpp>
#include <taskleak/detail/probe/thread/tid_behind.hpp>
#include <taskleak/detail/symbols/plumbing.hpp>
#include <taskleak/detail/symbols/symbolizer.hpp>
#include <taskleak/detail/unwind/kept_registers.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <linux/futex.h>
#include <sys/syscall.h>

namespace taskleak::inline v0::detail {

/// Returns how long the thread has been parked; its age if the kernel does not say.
inline std::chrono::nanoseconds parked_for(const live_thread& t, const parked_call& call) {
  if (call.what == parked_call::kind::running) return std::chrono::nanoseconds(0);
  if (const interrupted_thread* const thread = interruption_of(t.tid)) return std::chrono::nanoseconds(thread->parked_ns);
  const std::int64_t age = std::max<std::int64_t>(now_ns() - t.created_at_ns, 0);
  // an unannounced thread's age counts from when it was first seen
  const bool announced = t.serial != 0;
  const auto asleep = asleep_for_ns(t.tid, announced ? std::optional(age) : std::nullopt);
  if (!asleep) return std::chrono::nanoseconds(age);
  return std::chrono::nanoseconds(announced ? std::clamp<std::int64_t>(*asleep, 0, age) : std::max<std::int64_t>(*asleep, 0));
}

/// Whether the object's number is an address, and not the number of a descriptor, a thread or another thing of the kernel's.
inline bool has_address(const wait_object& object) noexcept { return object.address != 0 && !is_numbered(object.kind); }

/// Looks up the frames of a stack; of a very deep stack only both ends. `transfers` are those of the stack's thread.
inline std::vector<frame> symbolize(const raw_stack& raw, const coroutine_transfers& transfers = {}) {
  constexpr std::size_t inner = 192;
  constexpr std::size_t outer = 64;
  const std::size_t depth = raw.addresses.size();
  coroutine_transfers::cursor transferred(transfers);
  std::vector<frame> stack;
  for (std::size_t i = 0; i < depth; ++i) {
    if (i == inner && depth > inner + outer) {
      i = depth - outer;
      stack.push_back(frames_left_out(i - inner));
    }
    if (is_of_wait_hook(raw.addresses[i])) continue;
    const bool returns = i > 0 && !raw.interrupted[i];
    const std::size_t begin = stack.size();
    symbols().append(raw.addresses[i], returns, stack);
    const std::uintptr_t frame_end = i < raw.ends.size() ? std::uintptr_t{raw.ends[i]} : 0;
    const coroutine_transfer* const known = frame_end == 0 ? nullptr : transferred.find(frame_end - 2 * sizeof frame_end);
    if (!returns || !ends_with_transfer(stack, begin)) continue;
    const bool is_of_function = known && function_start(known->code) == function_start(raw.addresses[i] - 1);
    show_transfer(stack, begin, is_of_function ? *known : coroutine_transfer{});
  }
  return stack;
}

/// Fills in who created the thread and where, and its scope.
inline void describe_creation(const live_thread& t, straggler& s) {
  describe_record(t, s);
  s.ancestry = ancestry_of(t.creator_tid, t.older_creators);
  s.creation_stack = creation_stack_of(t);
}

/// Whether the region lies below the stack pointer: then longjmp() has left the region without its destructor.
inline bool is_abandoned(const waiting_region* region, const parked_call& call) noexcept {
  constexpr std::uintptr_t longest_jump = 64 * 1024;  // further below may be memory of something else
  if (call.what != parked_call::kind::blocked) return false;
  const auto at = reinterpret_cast<std::uintptr_t>(region);
  return at < call.sp && call.sp - at < longest_jump;
}

/// Whether the thread waits for something at this moment.
inline bool is_parked(const live_thread& t) noexcept {
  const interrupted_thread* const thread = interruption_of(t.tid);
  return (thread ? thread->call : read_parked_call(t.tid)).what == parked_call::kind::blocked;
}

/// Whether the thread may wait for a lock or a join, as far as its system call tells: glibc waits for a mutex by FUTEX_WAIT, for
/// the end of a thread with the thread's id as the expected value, and for a rwlock with a flag set in it. A condition is waited
/// for with the value 0 (up to glibc 2.40).
inline bool may_wait_for_a_thread(const live_thread& t) noexcept {
  const interrupted_thread* const thread = interruption_of(t.tid);
  const parked_call call = thread ? thread->call : read_parked_call(t.tid);
  if (call.what != parked_call::kind::blocked) return true;
  if (call.number != SYS_futex) return call.number < 0 || call.number == SYS_restart_syscall;
  return (static_cast<int>(call.arguments[1]) & FUTEX_CMD_MASK) != FUTEX_WAIT_BITSET ||
         static_cast<std::uint32_t>(call.arguments[2]) != 0;
}

/// Whether the thread sits in a destructor of thread-specific data that runs after the one which noted the thread's end, as
/// destructors of higher keys, and of further rounds, do.
inline bool is_parked_past_its_end(const live_thread& t) noexcept {
  constexpr std::int64_t time_to_end_ns = 5'000'000;
  if (!t.finished || t.tid == 0 || now_ns() - t.finished_at_ns < time_to_end_ns) return false;
  const auto stat = read_thread_stat(t.tid);
  return stat && !stat->has_ended() && has_begun_by(*stat, t.finished_at_ns) && is_parked(t);
}

/// Looks up each facet of a live thread at most once, and keeps it while the thread has not run since.
class suspect final : public facet_source {
 public:
  explicit suspect(const live_thread& t) : thread_(t) {
    shown_.kind = task_kind::thread;
    shown_.id = static_cast<std::uint64_t>(t.tid);
    describe_record(t, shown_);
  }

  /// Takes over a newer copy of the thread's record, for another round of looks.
  void update(const live_thread& t) {
    if (t.finished != thread_.finished || t.tid != thread_.tid || t.region != thread_.region ||
        t.note_changes != thread_.note_changes)
      is_parked_known_ = false;
    thread_ = t;
    shown_.id = static_cast<std::uint64_t>(t.tid);
    is_gone_ = false;
    is_name_known_ = false;  // the thread may give itself another name
    is_parked_checked_ = false;
  }

  /// Sets how far the looks from now on may go.
  void allow(effort most) noexcept { allowed_ = most; }

  bool has(facet wanted) override {
    switch (wanted) {
      case facet::age: return true;
      case facet::name: return has_name();
      case facet::creation_stack: return has_creation_stack();
      case facet::parked: return has_parked();
    }
    return false;
  }

  /// Whether the thread has not run since it was looked at: what was seen then is so now.
  bool is_still_parked() const { return is_parked_known_ && !is_gone_ && !thread_.finished && has_not_run(); }

  /// Whether the thread waits for what the kernel itself will bring to its end, a disk or the execve(2) of a child of vfork(2):
  /// its state is D in proc_pid_stat(5).
  bool waits_for_kernel() const noexcept {
    const auto stat = thread_.finished ? std::nullopt : read_thread_stat(thread_.tid);
    return stat && stat->state == 'D';
  }

  /// Whether it was seen that the thread has ended, and needs no join.
  bool is_gone() const noexcept { return is_gone_; }

  const live_thread& thread() const noexcept { return thread_; }
  /// Returns what is known so far.
  const straggler& shown() const noexcept { return shown_; }

  /// Looks up every facet, as far as the effort goes; returns an empty value when the thread has ended and needs no join.
  std::optional<straggler> describe(coroutine_inspector& coroutines, effort most = effort::held) {
    allow(most);
    for (const facet f : {facet::parked, facet::name, facet::creation_stack}) has(f);
    if (is_gone_) return std::nullopt;
    straggler whole = shown_;
    whole.ancestry = ancestry_of(thread_.creator_tid, thread_.older_creators);
    if (call_.what == parked_call::kind::blocked && !is_object_labelled_)
      if (std::optional<awaited_task> awaited = coroutines.awaited_by_thread(call_.sp, whole.id, whole.name)) {
        whole.waits_for.push_back(std::move(*awaited));
        put_wait_into_words(whole);
      }
    whole.hint = pool_hint(whole);
    return whole;
  }

 private:
  bool has_name() {
    if (is_name_known_) return true;
    if (!thread_.finished && !thread_.is_main && thread_.tid != 0) shown_.name = kernel_thread_name(thread_.tid);
    if (thread_.finished || thread_.is_main || thread_.tid == 0 || shown_.name.empty()) shown_.name = thread_.name;
    return is_name_known_ = true;
  }

  bool has_creation_stack() {
    if (is_creation_stack_known_) return true;
    if (allowed_ == effort::records && !is_creation_stack_remembered(thread_)) return false;
    shown_.creation_stack = creation_stack_of(thread_);
    return is_creation_stack_known_ = true;
  }

  bool has_parked() {
    if (is_gone_) return false;
    if (is_parked_known_ && !is_parked_checked_) is_parked_known_ = has_not_run();
    is_parked_checked_ = true;
    if (is_parked_known_) {
      shown_.parked_for = std::chrono::nanoseconds(std::max<std::int64_t>(now_ns() - parked_since_ns_, 0));
      for (descriptor& d : shown_.waits_on.descriptors)
        if (d.goes_off_in) look_at_timer(d);
      if (shown_.time_left) shown_.time_left = time_left_of(call_, shown_);
      return true;
    }
    is_parked_known_ = look();
    parked_since_ns_ = now_ns() - shown_.parked_for.count();
    return is_parked_known_;
  }

  bool has_not_run() const {
    if (thread_.finished) return !is_parked_past_its_end(thread_);
    if (interruption_of(thread_.tid)) return call_.what == parked_call::kind::blocked;  // it waits for this copy
    return ran_ && call_.what == parked_call::kind::blocked && has_not_run_since(thread_.tid, *ran_);
  }

  void set_state(state is, std::int64_t since_ns) {
    shown_.state = is;
    shown_.state_text = to_string(is);
    shown_.parked_for = std::chrono::nanoseconds(std::max<std::int64_t>(now_ns() - since_ns, 0));
  }

  /// Fills in state, stack and wait object. Returns false when these cannot be known, or not with the allowed effort.
  bool look() {
    shown_.stack.clear();
    shown_.stack_note.clear();
    shown_.waits_on = {};
    shown_.waits_for.clear();
    shown_.time_left.reset();
    call_ = {};
    is_object_labelled_ = false;
    if (is_parked_past_its_end(thread_)) {
      thread_.finished = false;
      is_name_known_ = false;
    }
    if (thread_.finished) {
      set_state(state::finished_never_joined, thread_.finished_at_ns);
      return true;
    }
    if (thread_.tid == 0) {
      if (allowed_ != effort::held) return false;
      if (!await_begin(thread_)) return found_gone();
      shown_.id = static_cast<std::uint64_t>(thread_.tid);
      is_name_known_ = false;
      if (thread_.finished) return look();
      if (thread_.tid == 0) {
        if (thread_.has_handle) shown_.id = static_cast<std::uint64_t>(tid_behind(turned(thread_.turned_handle)));
        set_state(state::created, thread_.created_at_ns);
        return true;
      }
    }
    return allowed_ != effort::records && look_at_running_or_parked();
  }

  bool look_at_running_or_parked() {
    ran_ = read_run_account(thread_.tid);
    thread_look look = look_at_thread(thread_.tid, allowed_ == effort::held);
    look.call.number = number_before_restart(look);
    call_ = look.call;
    if (call_.what == parked_call::kind::gone) return found_gone();
    if (call_.what == parked_call::kind::running && allowed_ != effort::held) return false;
    shown_.parked_for = parked_for(thread_, call_);
    shown_.stack = symbolize(look.stack, transfers_of_parked());
    shown_.stack_note = look.note;
    classify(look, shown_);
    if (call_.what == parked_call::kind::blocked) add_wait_facts(call_, shown_);
    if (shown_.stack_note.empty()) shown_.stack_note = note_of_missing_function(shown_.stack);
    if (put_start_function_on(shown_.stack, thread_) && shown_.stack_note.empty())
      shown_.stack_note = note_of_function_that_left(true);
    mark_plumbing(shown_.stack);
    const std::optional<labelled_wait> wait = is_abandoned(thread_.region, call_) ? std::nullopt : labelled_wait_of(thread_);
    if (wait) {
      shown_.state = state::labelled;
      shown_.state_text = wait->label;
      is_object_labelled_ = wait->object != nullptr;
      if (wait->object) {
        shown_.waits_on = {wait->label, reinterpret_cast<std::uintptr_t>(wait->object), {}};
        shown_.waits_for.clear();
      }
    }
    if (has_address(shown_.waits_on)) shown_.waits_on.name = symbols().object_at(shown_.waits_on.address);
    put_wait_into_words(shown_);
    return true;
  }

  /// Returns a copy of what the thread's coroutines have handed on, if the thread has not run since the look.
  coroutine_transfers transfers_of_parked() const noexcept {
    coroutine_transfers copy;
    const coroutine_transfers* const own = thread_.note ? thread_.note->transfers.load_relaxed() : nullptr;
    if (!own || !copy_value(reinterpret_cast<std::uintptr_t>(own), copy) || !has_not_run()) return {};
    return copy;
  }

  bool found_gone() noexcept {
    is_gone_ = true;
    return false;
  }

  live_thread thread_;
  straggler shown_;
  parked_call call_;
  std::optional<run_account> ran_;  ///< before the look
  std::int64_t parked_since_ns_ = 0;
  effort allowed_ = effort::records;
  bool is_object_labelled_ = false;
  bool is_gone_ = false;  ///< whether the thread was seen to have ended, and needs no join
  bool is_name_known_ = false;
  bool is_creation_stack_known_ = false;
  bool is_parked_known_ = false;
  bool is_parked_checked_ = false;  ///< whether this round has checked if the thread has run since
};

}  // namespace taskleak::inline v0::detail

#endif
