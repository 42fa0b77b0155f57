// SPDX-License-Identifier: MIT
/// \file Describes a thread that a check may report, where only its record is known.
#ifndef TASKLEAK_DETAIL_INSPECT_PORTABLE_SUSPECT_HPP
#define TASKLEAK_DETAIL_INSPECT_PORTABLE_SUSPECT_HPP

#include <taskleak/detail/inspect/creator.hpp>
#include <taskleak/detail/inspect/facet.hpp>
#include <taskleak/detail/inspect/inspect_coroutine.hpp>
#include <taskleak/detail/inspect/labelled_wait.hpp>
#include <taskleak/detail/inspect/recorded_thread.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/probe/thread/live_thread.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace taskleak::inline v0::detail {

/// Returns false, since nothing tells whether the thread waits.
inline bool is_parked(const live_thread&) noexcept { return false; }

/// Returns true, since nothing tells what the thread waits for.
inline bool may_wait_for_a_thread(const live_thread&) noexcept { return true; }

class suspect final : public facet_source {
 public:
  explicit suspect(const live_thread& t) : thread_(t) {
    shown_.kind = task_kind::thread;
    describe_record(t, shown_);
    look_at_record();
  }

  /// Takes over a newer copy of the thread's record, for another round of looks.
  void update(const live_thread& t) {
    thread_ = t;
    look_at_record();
  }

  /// Sets how far the looks from now on may go.
  void allow(effort most) noexcept { allowed_ = most; }

  bool has(facet wanted) override { return wanted != facet::creation_stack || has_creation_stack(); }

  /// Returns false, since nothing tells whether the thread has run since it was looked at.
  bool is_still_parked() const noexcept { return false; }
  bool waits_for_kernel() const noexcept { return false; }

  /// Whether it was seen that the thread has ended: a thread that has ended has no record.
  bool is_gone() const noexcept { return false; }

  const live_thread& thread() const noexcept { return thread_; }
  /// Returns what is known so far.
  const straggler& shown() const noexcept { return shown_; }

  /// Looks up every facet; returns an empty value when the thread has ended and needs no join.
  std::optional<straggler> describe(coroutine_inspector&, effort most = effort::held) {
    allow(most);
    if (!await_begin(thread_)) return std::nullopt;
    look_at_record();
    has_creation_stack();
    straggler whole = shown_;
    whole.ancestry = ancestry_of(thread_.creator_tid, thread_.older_creators);
    return whole;
  }

 private:
  void look_at_record() {
    shown_.id = static_cast<std::uint64_t>(thread_.tid);
    shown_.name = thread_.name;
    const bool has_begun = thread_.tid != 0;
    shown_.state = thread_.finished ? state::finished_never_joined : has_begun ? state::alive : state::created;
    shown_.state_text = to_string(shown_.state);
    shown_.waits_on = {};
    const std::int64_t since = thread_.finished ? thread_.finished_at_ns : thread_.created_at_ns;
    shown_.parked_for = std::chrono::nanoseconds(std::max<std::int64_t>(now_ns() - since, 0));
    if (shown_.state == state::alive) look_at_region();
  }

  void look_at_region() {
    const std::optional<labelled_wait> wait = labelled_wait_of(thread_);
    if (!wait) return;
    shown_.state = state::labelled;
    shown_.state_text = wait->label;
    if (wait->object) shown_.waits_on = {wait->label, reinterpret_cast<std::uintptr_t>(wait->object), {}};
  }

  bool has_creation_stack() {
    if (is_creation_stack_known_) return true;
    if (allowed_ == effort::records && !is_creation_stack_remembered(thread_)) return false;
    shown_.creation_stack = creation_stack_of(thread_);
    return is_creation_stack_known_ = true;
  }

  live_thread thread_;
  straggler shown_;
  effort allowed_ = effort::records;
  bool is_creation_stack_known_ = false;
};

}  // namespace taskleak::inline v0::detail

#endif
