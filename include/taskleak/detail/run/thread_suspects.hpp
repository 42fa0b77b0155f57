// SPDX-License-Identifier: MIT
/// \file Collects and describes the threads that a check is about.
#ifndef TASKLEAK_DETAIL_RUN_THREAD_SUSPECTS_HPP
#define TASKLEAK_DETAIL_RUN_THREAD_SUSPECTS_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/id_map.hpp>
#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/filter/rules.hpp>
#include <taskleak/detail/filter/straggler_view.hpp>
#include <taskleak/detail/inspect/await_graph.hpp>
#include <taskleak/detail/inspect/facet.hpp>
#include <taskleak/detail/inspect/inspect.hpp>
#include <taskleak/detail/inspect/inspect_coroutine.hpp>
#include <taskleak/detail/inspect/known_pools.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/probe/kernel/kernel_threads.hpp>
#include <taskleak/detail/probe/thread/live_thread.hpp>
#include <taskleak/detail/probe/thread/thread_life.hpp>
#include <taskleak/detail/registry/current.hpp>
#include <taskleak/detail/registry/registry.hpp>
#include <taskleak/detail/run/cycle_judge.hpp>
#include <taskleak/detail/run/reach_judge.hpp>
#include <taskleak/detail/run/suspect_list.hpp>
#include <taskleak/detail/verdict/thread_owner.hpp>
#include <taskleak/detail/verdict/wait_graph.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Lists the threads of a check, unannounced threads among them.
class thread_suspects final : public suspect_list {
 public:
  using suspect_list::suspect_list;

  void collect() override {
    kernel_threads().refresh();
    const question& asked = context_.asked;
    left_ = copy_threads_younger_than(asked.younger_than, [this](const thread_record& r) { return is_asked_for(r); });
    kernel_threads().copy_younger_than(asked.younger_than, asked.settled_too, left_, newcomers_);
    const int self = is_frozen_copy() ? 0 : current_tid();
    const auto is_left_out = [&](const live_thread& t) {
      return context_.rules.match_current(t.epoch) || left_out_.contains(key_of(t)) || idle_.contains(key_of(t)) ||
             owned_.contains(key_of(t)) || (t.serial == 0 && t.tid == self);
    };
    detail::erase_if(left_, is_left_out);
    detail::erase_if(newcomers_, is_left_out);
  }

  bool empty() const noexcept override { return left_.empty() && newcomers_.empty(); }
  bool has_newcomers() const noexcept override { return !newcomers_.empty(); }
  bool has_not_begun() const noexcept override {
    return detail::any_of(left_.begin(), left_.end(), [](const live_thread& t) { return t.tid == 0; });
  }

  void leave_out(effort most) override {
    if (context_.rules.needs_inspection() || has_unannounced())
      detail::erase_if(left_, [&](const live_thread& t) {
        suspect& s = suspect_of(t, most);
        straggler_view view(s.shown(), t.charged_to, &s);
        return leave_out_by(context_.rules.match(view, t.epoch), s);
      });
    if (most == effort::records) return;
    if (context_.rules.ignores_known_pools()) leave_out_idle_pools();
    leave_out_helpers();
  }

  /// Whether there is a thread that an owner could be found for: one that is parked, or with any effort also one that runs.
  bool has_owned_candidate(effort most) {
    return detail::any_of(left_.begin(), left_.end(), [&](const live_thread& t) { return is_owned_candidate(t, most); });
  }

  /// Leaves out the threads that have an owner, wait in no cycle and can still be woken, as the rules say. Such a thread is not
  /// dealt with for good: the check of a scope around looks again.
  void leave_out_owned(const owners_of_threads& owners, effort most) {
    owners_ = owners;
    if (context_.rules.statics() == statics_action::fail) return;
    const std::set<task_key> stuck = owned_and_stuck(most);
    const pool_modules pools;
    detail::erase_if(left_, [&](const live_thread& t) {
      const auto owner = owners_.find(t.serial);
      if (owner == owners_.end() || !is_owned_candidate(t, most) || stuck.contains(key_of(t))) return false;
      if (is_made_by(pools, t)) return false;
      suspect& s = suspect_of(t, most);
      s.has(facet::name);
      const bool is_judged = context_.rules.statics() == statics_action::judge;
      const std::string& reason = context_.rules.reason_of_statics();
      context_.ignore(s.shown(), reason.empty() ? "owned by " + owner->second.in_words : reason);
      context_.result.ignored.back().is_owned = is_judged;
      context_.result.ignored.back().owned_by = owner->second.name;
      if (is_judged) context_.owned.push_back({t.serial, owner->second.in_words});
      (is_judged ? owned_ : left_out_).insert(key_of(t));
      return true;
    });
  }

  void describe(const await_graph&, coroutine_inspector& coroutines) override {
    described_.clear();
    gone_.clear();
    for (const live_thread& t : left_) {
      if (auto s = suspect_of(t, effort::held).describe(coroutines))
        described_.emplace_back(key_of(t), std::move(*s));
      else if (t.tid != 0)
        gone_.insert(t.serial);
    }
  }

  void report_those_still_there() override {
    collect();
    std::set<task_key> still;
    for (const live_thread& t : left_) {
      still.insert(key_of(t));
      // a thread notes its end before the kernel drops it: this one was gone, but has noted nothing
      if (t.serial != 0 && !t.finished && gone_.contains(t.serial)) note_unseen_end(t.serial, context_.asked.younger_than);
    }
    for (auto& [key, s] : described_)
      if (still.contains(key) && !leave_out_if_idle(s, key)) {
        if (context_.rules.statics() == statics_action::fail) tell_owner(s, key);
        context_.result.stragglers.push_back(std::move(s));
        reported_.insert(key);
      }
  }

  /// Adds the suspects of the threads that were described last, by the ids that they are reported under.
  void add_described_to(id_map<const suspect*>& found) const {
    for (const auto& [key, s] : described_)
      if (const suspect* const known = suspects_.find(key)) found[s.id] = known;
  }

  /// Calls `visit(suspect)` for each thread of the last collection that has not been left out, with what it has seen of it since
  /// earlier rounds.
  template <class Visit>
  void for_each(effort most, Visit&& visit) {
    for (const auto* list : {&left_, &newcomers_})
      for (const live_thread& t : *list) visit(suspect_of(t, most));
  }

  /// Calls `visit(tid)` for each thread of the last collection that has begun and has not ended.
  template <class Visit>
  void for_each_begun(Visit&& visit) const {
    for (const live_thread& t : left_)
      if (!t.finished && t.tid != 0) visit(t.tid);
  }

  void settle() override {
    std::set<std::uint64_t> serials;
    for (const auto* keys : {&left_out_, &reported_})
      for (const task_key& key : *keys) {
        if (key & unannounced)
          kernel_threads().settle(static_cast<int>(key & 0x3FFFFF), (key & ~unannounced) >> 22);
        else
          serials.insert(key);
      }
    if (serials.empty()) return;
    the_registry.for_each_younger_than(context_.asked.younger_than, [&](task_node& node) {
      if (serials.contains(node.serial)) node.settled.store_relaxed(true);
    });
  }

 private:
  /// Identifies a thread: by its serial, or, with the top bit set, by the kernel's id (22 bits at most) and start time.
  using task_key = std::uint64_t;
  static constexpr task_key unannounced = task_key{1} << 63;
  static task_key key_of(const live_thread& t) noexcept {
    return t.serial ? t.serial : unannounced | t.start_ticks << 22 | static_cast<task_key>(t.tid);
  }

  bool is_asked_for(const thread_record& r) const noexcept {
    if (&r == this_task.node && !is_frozen_copy()) return false;
    // its creator is about to let go of the record
    if ((r.events.load_acquire() & thread_event::over) == thread_event::over) return false;
    if (!context_.asked.settled_too && r.settled.load_relaxed()) return false;
    if (is_of_taskleak(r.charged_to)) return false;
    return context_.is_in_scope(r.charged_to);
  }

  bool has_unannounced() const noexcept {
    return detail::any_of(left_.begin(), left_.end(), [](const live_thread& t) { return t.serial == 0; });
  }

  /// Returns what is known of a thread since an earlier round, for looks that go so far.
  suspect& suspect_of(const live_thread& t, effort most) {
    suspect* known = suspects_.find(key_of(t));
    if (known)
      known->update(t);
    else
      known = &suspects_.add(key_of(t), t);
    known->allow(most);
    return *known;
  }

  /// Whether the library of a well-known pool has made the thread: such a thread is judged by what it does. In front of the
  /// library's frame there are no more than the hook's.
  static bool is_made_by(const pool_modules& pools, const live_thread& t) {
    constexpr unsigned frames = 6;
    const auto* const begin = t.creation_stack;
    return detail::any_of(begin, begin + std::min(t.creation_depth, frames),
                          [&](const void* code) { return pools.contains(code); });
  }

  bool is_owned_candidate(const live_thread& t, effort most) {
    if (!can_be_joined(t)) return false;
    return t.finished || most == effort::held || is_parked(t);
  }

  /// Adds who owns the thread, if that is known.
  void tell_owner(straggler& s, task_key key) const {
    const auto owner = owners_.find(key);
    if (owner == owners_.end()) return;
    s.verdict = verdict::owned;
    s.reason = owner->second.in_words + " owns it";
    s.owned_by = owner->second.name;
    s.holders = owner->second.path;
  }

  /// Returns those threads with an owner that wait in a cycle, or for something that nothing else reaches.
  std::set<task_key> owned_and_stuck(effort most) {
    std::set<task_key> found;
    id_map<task_key> keys;
    std::vector<straggler> parked;
    const auto add_judged = [&](const std::vector<straggler>& judged) {
      for (const straggler& s : judged)
        if (s.verdict == verdict::deadlocked || s.verdict == verdict::orphaned) found.insert(keys[s.id]);
    };
    add_judged(owned_and_waiting(most, keys, parked));
    reach_judge(context_.asked.stack_of_program, reach_judge::asks::for_orphans).judge(parked, {});
    add_judged(parked);
    return found;
  }

  /// Returns those threads with an owner that may wait for a thread, judged by whether they wait in a cycle. Adds to `parked` all
  /// of them, without their stacks: that of an idle worker costs its symbols.
  std::vector<straggler> owned_and_waiting(effort most, id_map<task_key>& keys, std::vector<straggler>& parked) {
    std::vector<straggler> waiting;
    cycle_judge::suspects_by_id suspects;
    for (const live_thread& t : left_) {
      if (!owners_.contains(t.serial)) continue;
      if (t.tid != 0 && !t.finished) {
        straggler& s = parked.emplace_back();
        s.id = static_cast<std::uint64_t>(t.tid);
        s.state = state::futex_wait;
        keys[s.id] = key_of(t);
      }
      if (!may_wait_for_a_thread(t)) continue;
      suspect& s = suspect_of(t, most);
      if (!s.has(facet::parked)) continue;
      waiting.push_back(s.shown());
      suspects.add(s.shown().id, &s);
      keys[s.shown().id] = key_of(t);
    }
    if (!waiting.empty()) {
      const await_graph none;
      coroutine_inspector no_coroutines(none);
      cycle_judge(suspects, no_coroutines, most).judge(waiting);
    }
    return waiting;
  }

  bool leave_out_by(const rule* matching, suspect& s) {
    if (!matching) return false;
    s.has(facet::name);
    left_out_.insert(key_of(s.thread()));
    return context_.ignore(s.shown(), matching->shown_reason());
  }

  /// Leaves the parked helpers of glibc out before they count: a test that uses one would wait for its end in vain.
  void leave_out_helpers() {
    detail::erase_if(newcomers_, [&](const live_thread& t) {
      suspect& s = suspect_of(t, effort::undisturbed);
      straggler_view view(s.shown(), t.charged_to, &s);
      return leave_out_by(context_.rules.match_built_in(view, t.epoch), s);
    });
  }

  /// Leaves out idle workers of well-known pools. Looks only at parked threads, so that none is disturbed, and only at threads
  /// whose creation stack has a pool's library on it or is not known.
  void leave_out_idle_pools() {
    const pool_modules modules;
    if (modules.empty()) return;
    detail::erase_if(left_, [&](const live_thread& t) {
      const auto* const begin = t.creation_stack;
      const auto* const end = begin + t.creation_depth;
      const bool may_be = begin == end || detail::any_of(begin, end, [&](const void* code) { return modules.contains(code); });
      if (t.finished || !may_be || !is_parked(t)) return false;
      suspect& s = suspect_of(t, effort::undisturbed);
      return s.has(facet::parked) && s.has(facet::name) && s.has(facet::creation_stack) &&
             leave_out_if_idle(s.shown(), key_of(t));
    });
  }

  /// Leaves out the thread if it is an idle worker of a well-known pool. The worker is not dealt with for good: the check of a
  /// scope around looks again, and by then a job may be stuck in the worker.
  bool leave_out_if_idle(const straggler& s, std::uint64_t key) {
    const known_pool* const pool = context_.rules.ignores_known_pools() ? idle_pool(s) : nullptr;
    if (!pool || !context_.ignore(s, std::string(pool->name))) return false;
    // a worker that spins is dealt with for good: each later look would have to wait for the deadline and disturb the worker
    (s.state == state::running ? left_out_ : idle_).insert(key);
    return true;
  }

  light_vector<live_thread> left_;
  light_vector<live_thread> newcomers_;  ///< unannounced threads too young to count
  std::set<task_key> left_out_;
  std::set<task_key> idle_;  ///< workers of well-known pools
  std::set<task_key> owned_;
  owners_of_threads owners_;  ///< as they were found last
  std::set<task_key> reported_;
  id_map<suspect> suspects_;  ///< what is known of threads since earlier rounds
  light_vector<std::pair<task_key, straggler>> described_;
  std::set<std::uint64_t> gone_;  ///< serials of threads that were found to have ended when they were to be described
};

}  // namespace taskleak::inline v0::detail

#endif
