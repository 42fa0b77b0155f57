// SPDX-License-Identifier: MIT
/// \file Looks into one live thread: what it waits for, since when, its stack, and who created it.
#ifndef TASKLEAK_DETAIL_INSPECT_INSPECT_HPP
#define TASKLEAK_DETAIL_INSPECT_INSPECT_HPP

#include <taskleak/detail/inspect/classify.hpp>
#include <taskleak/detail/inspect/inspect_coroutine.hpp>
#include <taskleak/detail/inspect/known_pools.hpp>
#include <taskleak/detail/inspect/labelled_wait.hpp>
#include <taskleak/detail/inspect/scope_name.hpp>
#include <taskleak/detail/inspect/wait_facts.hpp>
#include <taskleak/detail/platform/linux/live_thread.hpp>
#include <taskleak/detail/platform/linux/proc_file.hpp>
#include <taskleak/detail/platform/linux/scheduler_clock.hpp>
#include <taskleak/detail/platform/linux/system.hpp>
#include <taskleak/detail/symbols/plumbing.hpp>
#include <taskleak/detail/symbols/symbolizer.hpp>
#include <taskleak/detail/text/stack_rows.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace taskleak::inline v0::detail {

/// For how long the thread has been parked; its age where the kernel does not say.
inline std::chrono::nanoseconds parked_for(const live_thread& t, const parked_call& call) {
  if (call.what == parked_call::kind::running) return std::chrono::nanoseconds(0);
  const std::int64_t age = std::max<std::int64_t>(now_ns() - t.created_at_ns, 0);
  // of one that nobody announced it is known only since when we know of it
  const bool announced = t.serial != 0;
  const auto asleep = asleep_for_ns(t.tid, announced ? std::optional(age) : std::nullopt);
  if (!asleep) return std::chrono::nanoseconds(age);
  return std::chrono::nanoseconds(announced ? std::clamp<std::int64_t>(*asleep, 0, age) : std::max<std::int64_t>(*asleep, 0));
}

/// Whether the number of the object is an address, and not that of a descriptor, a thread or a process.
inline bool has_address(const wait_object& object) noexcept {
  return object.address != 0 && object.kind != "fd" && object.kind != "thread" && object.kind != "process";
}

/// Looks up a stack; of a very deep one both of its ends.
inline std::vector<frame> symbolize(const raw_stack& raw) {
  constexpr std::size_t inner = 192;
  constexpr std::size_t outer = 64;
  const std::size_t depth = raw.addresses.size();
  std::vector<frame> stack;
  for (std::size_t i = 0; i < depth; ++i) {
    if (i == inner && depth > inner + outer) {
      i = depth - outer;
      stack.push_back(frames_left_out(i - inner));
    }
    symbols().append(raw.addresses[i], i > 0 && !raw.interrupted[i], stack);
  }
  return stack;
}

inline std::vector<frame> creation_stack_of(const live_thread& t) {
  std::vector<frame> stack;
  for (unsigned i = 0; i < t.creation_depth; ++i)
    symbols().append(reinterpret_cast<std::uintptr_t>(t.creation_stack[i]), true, stack);
  mark_plumbing(stack);
  return stack;
}

/// Fills in who created the thread and where, and its scope.
inline void describe_creation(const live_thread& t, straggler& s) {
  s.created_by = creator_in_words(t.creator_tid, t.created_by_main);
  s.ancestry = ancestry_of(t.creator_tid, t.older_creators);
  s.creation_stack = creation_stack_of(t);
  s.scope = name_of_scope(t.charged_to);
}

/// Everything about the thread; empty when it has ended and needs no join.
inline std::optional<straggler> inspect(live_thread t, coroutine_inspector& coroutines) {
  if (!await_begin(t)) return std::nullopt;
  straggler s;
  s.kind = task_kind::thread;
  s.id = static_cast<std::uint64_t>(t.tid);
  s.name = t.finished || t.tid == 0 ? std::string() : kernel_thread_name(t.tid);
  if (s.name.empty()) s.name = t.name;
  if (t.finished) {
    s.state = state::finished_never_joined;
    s.state_text = to_string(s.state);
    s.parked_for = std::chrono::nanoseconds(std::max<std::int64_t>(now_ns() - t.finished_at_ns, 0));
  } else if (t.tid == 0) {
    if (t.has_handle) s.id = static_cast<std::uint64_t>(tid_behind(t.handle));
    s.state = state::created;
    s.state_text = to_string(s.state);
    s.parked_for = std::chrono::nanoseconds(std::max<std::int64_t>(now_ns() - t.created_at_ns, 0));
  } else {
    const thread_look look = look_at_thread(t.tid);
    if (look.call.what == parked_call::kind::gone) return std::nullopt;
    s.parked_for = parked_for(t, look.call);
    s.stack = symbolize(look.stack);
    s.stack_note = look.note;
    classify(look, s);
    if (look.call.what == parked_call::kind::blocked) add_wait_facts(look.call, s);
    mark_plumbing(s.stack);
    if (s.stack_note.empty()) s.stack_note = note_of_missing_function(s.stack);
    if (look.call.what == parked_call::kind::blocked)
      if (const std::string awaited = coroutines.awaited_by_thread(look.call.sp, thread_in_words(t.tid, s.name));
          !awaited.empty())
        s.waits_on.detail.append(s.waits_on.detail.empty() ? "" : ", ").append("for ").append(awaited);
    if (const std::optional<labelled_wait> wait = labelled_wait_of(t, look.call)) {
      s.state = state::labelled;
      s.state_text = wait->label;
      if (wait->object) s.waits_on = {wait->label, reinterpret_cast<std::uintptr_t>(wait->object), {}};
    }
  }
  if (has_address(s.waits_on)) s.waits_on.name = symbols().object_at(s.waits_on.address);
  describe_creation(t, s);
  s.hint = pool_hint(s);
  return s;
}

/// The main thread, which has no record and no creator; empty on the main thread itself.
inline std::optional<straggler> inspect_main_thread(coroutine_inspector& coroutines) {
  live_thread main;
  main.tid = current_pid();
  if (main.tid == current_tid()) return std::nullopt;
  std::optional<straggler> s = inspect(main, coroutines);
  if (!s) return s;
  s->name = "main thread";
  s->created_by.clear();
  return s;
}

}  // namespace taskleak::inline v0::detail

#endif
