// SPDX-License-Identifier: MIT
/// \file One check: which tasks are there, waiting for them to end, and what is told of those that do not.
#ifndef TASKLEAK_DETAIL_RUN_CHECK_HPP
#define TASKLEAK_DETAIL_RUN_CHECK_HPP

#include <taskleak/detail/filter/rules.hpp>
#include <taskleak/detail/filter/straggler_view.hpp>
#include <taskleak/detail/inspect/alike_coroutines.hpp>
#include <taskleak/detail/inspect/await_graph.hpp>
#include <taskleak/detail/inspect/facet.hpp>
#include <taskleak/detail/inspect/inspect.hpp>
#include <taskleak/detail/inspect/inspect_coroutine.hpp>
#include <taskleak/detail/inspect/known_pools.hpp>
#include <taskleak/detail/inspect/suspect.hpp>
#include <taskleak/detail/platform/linux/changes.hpp>
#include <taskleak/detail/probe/coroutine/live_coroutine.hpp>
#include <taskleak/detail/probe/coroutine/table.hpp>
#include <taskleak/detail/probe/kernel/kernel_probe.hpp>
#include <taskleak/detail/probe/thread/live_thread.hpp>
#include <taskleak/detail/registry/current.hpp>
#include <taskleak/detail/registry/registry.hpp>
#include <taskleak/detail/run/scopes.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Which tasks a check is about.
struct check_subject {
  const scope* within = nullptr;  ///< null: any scope
  std::uint64_t younger_than = 0;
  bool settled_too = false;  ///< also those an earlier check has dealt with
  bool settles = true;       ///< those found are dealt with from now on
  bool folds = true;         ///< of coroutines that are alike one is described, see straggler::alike
  bool has_main = false;     ///< the main thread as well, if it is not the calling one
};

/// Whether nothing younger than the epoch is alive: a system call and a look at each shard, however many older tasks there are.
inline bool nothing_younger_than(std::uint64_t epoch) {
  kernel_threads().refresh();
  bool found = false;
  // a coroutine may have made a thread, and a thread a coroutine, and have ended
  const bool is_sure = the_registry.look_between_births([&] {
    found = the_registry.seems_to_have_younger_than(epoch) || all_coroutines.has_younger_than(epoch) ||
            kernel_threads().has_younger_than(epoch);
  });
  return is_sure && !found;
}

class check {
 public:
  static constexpr std::chrono::nanoseconds default_wait = std::chrono::seconds(1);

  check(const check_subject& subject, rule_set& rules) : subject_(subject), rules_(rules) {}

  report run() {
    std::int64_t deadline = saturating_add(now_ns(), rules_.wait().value_or(default_wait).count());
    std::int64_t pause = first_pause_ns;
    const std::int64_t early_look = saturating_add(now_ns(), early_look_ns);
    std::uint32_t seen = task_ended.start_watching();
    for (;;) {
      const std::int64_t began = now_ns();
      const effort most = began >= deadline ? effort::held : began >= early_look ? effort::undisturbed : effort::records;
      if (most != effort::held && is_held_up(most)) {
        pause_for(seen, pause, began, deadline);
        continue;
      }
      collect();
      const bool is_patient = most != effort::held || (has_not_begun() && began - deadline < time_to_begin_ns);
      if (rules_.needs_inspection() || has_unannounced()) leave_out_by_rules(most);
      if (rules_.ignores_known_pools() && most != effort::records) leave_out_idle_pools();
      if (!newcomers_.empty() && most != effort::records) leave_out_helpers();
      if (left_.empty() && left_coroutines_.empty() && newcomers_.empty() && !subject_.has_main) break;
      // what ends is gone at the next look; what is listed all the same, and cannot be described, must not be waited for
      const bool is_over = began - deadline >= time_to_vanish_ns;
      if (!is_patient && (newcomers_.empty() || is_over) && (describe() || subject_.has_main || is_over)) break;
      // what the look took is not the tasks' time: the first one reads the symbols of the program
      if (most != effort::held) deadline = saturating_add(deadline, now_ns() - began);
      pause_for(seen, pause, began, most != effort::held ? deadline : INT64_MAX);
    }
    task_ended.stop_watching();
    if (subject_.settles) settle();
    return std::move(result_);
  }

 private:
  static constexpr std::int64_t first_pause_ns = 100'000;
  static constexpr std::int64_t longest_pause_ns = 20'000'000;
  static constexpr std::int64_t shortest_sleep_ns = 100'000;
  static constexpr std::int64_t time_to_begin_ns = 20'000'000;
  static constexpr std::int64_t time_to_vanish_ns = 2'000'000'000;
  static constexpr std::int64_t early_look_ns = 20'000'000;

  /// Waits for the end of a task, or for a while. The ends of many tasks in a row are not looked at one by one: a look that takes
  /// long is not repeated before as much time again has passed.
  void pause_for(std::uint32_t& seen, std::int64_t& pause, std::int64_t began, std::int64_t deadline) {
    const std::int64_t now = now_ns();
    const std::int64_t next_look = std::min(saturating_add(now, now - began), deadline);
    task_ended.wait(seen, std::min(pause, std::max<std::int64_t>(deadline - now, 0)));
    if (const std::int64_t early = next_look - now_ns(); early > shortest_sleep_ns)
      std::this_thread::sleep_for(std::chrono::nanoseconds(early));
    seen = task_ended.seen();
    pause = std::min(pause * 2, longest_pause_ns);
  }

  /// Whether a coroutine is alive that no rule can leave out now: then there is no need to look at the others, of which there may
  /// be a million, before the deadline. Rules for coroutines need the names of functions.
  bool is_held_up(effort most) noexcept {
    if ((most != effort::records && rules_.needs_inspection()) || !left_out_coroutines_.empty()) return false;
    return all_coroutines.any_younger_than(subject_.younger_than,
                                           [this](const coroutine_block& block, const coroutine_slot&, std::uintptr_t in_slot) {
                                             return is_meant(block.birth, (in_slot & slot_is_settled) != 0);
                                           });
  }

  static std::int64_t saturating_add(std::int64_t a, std::int64_t b) noexcept { return b > INT64_MAX - a ? INT64_MAX : a + b; }

  bool is_meant(const thread_record& r) const noexcept {
    if (&r == this_task.node) return false;
    // its creator is about to let go of the record
    if ((r.events.load_acquire() & thread_event::over) == thread_event::over) return false;
    if (!subject_.settled_too && r.settled.load_relaxed()) return false;
    return is_in_scope(r.charged_to);
  }

  bool is_in_scope(const scope* charged_to) const noexcept {
    return !subject_.within || (charged_to && charged_to->is_within(subject_.within));
  }

  void collect() {
    collect_threads();
    collect_coroutines();
  }

  void collect_threads() {
    kernel_threads().refresh();
    left_ = copy_threads_younger_than(subject_.younger_than, [this](const thread_record& r) { return is_meant(r); });
    kernel_threads().copy_younger_than(subject_.younger_than, subject_.settled_too, left_, newcomers_);
    const int self = current_tid();
    const auto is_left_out = [&](const live_thread& t) {
      return rules_.match_current(t.epoch) || left_out_.contains(key_of(t)) || idle_.contains(key_of(t)) ||
             (t.serial == 0 && t.tid == self);
    };
    std::erase_if(left_, is_left_out);
    std::erase_if(newcomers_, is_left_out);
  }

  bool is_meant(const coroutine_birth& birth, bool settled) const noexcept {
    return (subject_.settled_too || !settled) && !rules_.match_current(birth.epoch) && is_in_scope(birth.charged_to);
  }

  void collect_coroutines() {
    left_coroutines_ = copy_coroutines_younger_than(
        subject_.younger_than, [this](const coroutine_birth& birth, bool settled) { return is_meant(birth, settled); });
    if (left_out_coroutines_.empty()) return;
    auto left_out = left_out_coroutines_.begin();  // both are in order
    std::erase_if(left_coroutines_, [&](const live_coroutine& c) {
      while (left_out != left_out_coroutines_.end() && left_out->id < c.id()) ++left_out;
      return left_out != left_out_coroutines_.end() && left_out->id == c.id();
    });
  }

  bool has_unannounced() const noexcept {
    return std::any_of(left_.begin(), left_.end(), [](const live_thread& t) { return t.serial == 0; });
  }

  /// A thread that was created a moment ago says more of itself when it runs.
  bool has_not_begun() const noexcept {
    return std::any_of(left_.begin(), left_.end(), [](const live_thread& t) { return t.tid == 0; });
  }

  /// All coroutines, of which those left are a part: who awaits them need not be one of them.
  await_graph graph_of_coroutines() const {
    if (left_coroutines_.size() == all_coroutines.size()) return await_graph(&left_coroutines_);
    return await_graph(copy_coroutines_younger_than(0, [](const coroutine_birth&, bool) { return true; }));
  }

  void leave_out_by_rules(effort most) {
    std::erase_if(left_, [&](const live_thread& t) {
      suspect& s = suspect_of(t, most);
      straggler_view view(s.shown(), t.charged_to, &s);
      return leave_out_by(rules_.match(view, t.epoch), s);
    });
    if (most == effort::records || left_coroutines_.empty() || !rules_.needs_inspection()) return;
    const await_graph graph = graph_of_coroutines();
    coroutine_inspector coroutines(graph);
    leave_out_coroutines(graph, coroutines);
  }

  /// Returns what is known of a thread since an earlier round, for looks that go so far.
  suspect& suspect_of(const live_thread& t, effort most) {
    const auto [at, is_new] = suspects_.try_emplace(key_of(t), t);
    if (!is_new) at->second.update(t);
    at->second.allow(most);
    return at->second;
  }

  bool leave_out_by(const rule* matching, suspect& s) {
    if (!matching) return false;
    s.has(facet::name);
    left_out_.insert(key_of(s.thread()));
    return leave_out(s.shown(), matching->shown_reason());
  }

  /// Most rules say the same of all coroutines that are alike, and are asked once.
  void leave_out_coroutines(const await_graph& graph, coroutine_inspector& coroutines) {
    const alike_coroutines groups(left_coroutines_, graph, coroutines, rules_.asks_predicates());
    std::vector<ignored_task> left_out_of(groups.count());
    for (std::size_t g = 0; g < groups.count(); ++g) {
      const straggler s = coroutines.inspect(groups.first_of(g));
      const live_coroutine& c = graph.coroutines()[groups.first_of(g)];
      const rule* const matching = rules_.match(s, c.birth.epoch, c.birth.charged_to);
      left_out_of[g] = {s.kind, s.id, s.name, matching ? matching->shown_reason() : std::string(), 0};
    }
    std::vector<coroutine_mark> left_out;
    std::size_t at = 0;
    std::erase_if(left_coroutines_, [&](const live_coroutine& c) {
      const std::uint32_t g = groups.group_of(at++);
      if (g == alike_coroutines::no_group || left_out_of[g].reason.empty()) return false;
      ++left_out_of[g].count;
      left_out.push_back(mark_of(c));
      if (!subject_.folds) result_.ignored.push_back({task_kind::coroutine, c.id(), left_out_of[g].name, left_out_of[g].reason});
      return true;
    });
    if (subject_.folds)
      for (ignored_task& of_group : left_out_of)
        if (of_group.count > 0) result_.ignored.push_back(std::move(of_group));
    if (left_out.empty()) return;
    left_out_coroutines_.insert(left_out_coroutines_.end(), left_out.begin(), left_out.end());
    // why not std::inplace_merge: Clang warns of what libstdc++ does in it
    std::sort(left_out_coroutines_.begin(), left_out_coroutines_.end(),
              [](const coroutine_mark& a, const coroutine_mark& b) { return a.id < b.id; });
  }

  /// Leaves the parked helpers of glibc out before they count: a test that uses one would be waited for in vain.
  void leave_out_helpers() {
    std::erase_if(newcomers_, [&](const live_thread& t) {
      suspect& s = suspect_of(t, effort::undisturbed);
      straggler_view view(s.shown(), t.charged_to, &s);
      return leave_out_by(rules_.match_built_in(view, t.epoch), s);
    });
  }

  /// Leaves out the workers of well-known pools that idle. Looks only at threads that a library of such a pool has a part in, and
  /// only at those that are parked: none is disturbed.
  void leave_out_idle_pools() {
    const pool_modules modules;
    if (modules.empty()) return;
    std::erase_if(left_, [&](const live_thread& t) {
      const auto* const begin = t.creation_stack;
      const auto* const end = begin + t.creation_depth;
      const bool may_be = begin == end || std::any_of(begin, end, [&](const void* code) { return modules.contains(code); });
      if (t.finished || !may_be || read_parked_call(t.tid).what != parked_call::kind::blocked) return false;
      suspect& s = suspect_of(t, effort::undisturbed);
      return s.has(facet::parked) && s.has(facet::name) && s.has(facet::creation_stack) &&
             leave_out_if_idle(s.shown(), key_of(t));
    });
  }

  /// Such a worker is not dealt with for good: the check of a scope around looks again, and a job may be stuck in it then.
  bool leave_out_if_idle(const straggler& s, std::uint64_t key) {
    const known_pool* const pool = rules_.ignores_known_pools() ? idle_pool(s) : nullptr;
    if (!pool || !leave_out(s, std::string(pool->name))) return false;
    // one that spins is: each look would have to wait for the deadline, and to disturb it
    (s.state == state::running ? left_out_ : idle_).insert(key);
    return true;
  }

  /// Only with a reason.
  bool leave_out(const straggler& s, const std::string& reason) {
    if (reason.empty()) return false;
    result_.ignored.push_back({s.kind, s.id, s.name, reason});
    return true;
  }

  /// Looks into all that is left; false when all of it has ended meanwhile, or is about to.
  bool describe() {
    result_.stragglers.clear();
    const await_graph graph = graph_of_coroutines();
    coroutine_inspector coroutines(graph);
    std::optional<straggler> main = subject_.has_main ? inspect_main_thread(coroutines) : std::nullopt;
    std::vector<std::pair<task_key, straggler>> threads;
    std::set<std::uint64_t> gone;
    for (const live_thread& t : left_) {
      if (auto s = suspect_of(t, effort::held).describe(coroutines))
        threads.emplace_back(key_of(t), std::move(*s));
      else if (t.tid != 0)
        gone.insert(t.serial);
    }
    std::vector<straggler> suspended = describe_coroutines(graph, coroutines);
    collect_threads();
    std::set<task_key> still;
    for (const live_thread& t : left_) {
      still.insert(key_of(t));
      // a thread says that it ends before the kernel lets go of it: this one was gone, and has not
      if (t.serial != 0 && !t.finished && gone.contains(t.serial)) note_unseen_end(t.serial, subject_.younger_than);
    }
    if (main) result_.stragglers.push_back(std::move(*main));
    for (auto& [key, s] : threads)
      if (still.contains(key) && !leave_out_if_idle(s, key)) {
        result_.stragglers.push_back(std::move(s));
        reported_.insert(key);
      }
    for (straggler& s : suspended) result_.stragglers.push_back(std::move(s));
    return !result_.stragglers.empty();
  }

  std::vector<straggler> describe_coroutines(const await_graph& graph, coroutine_inspector& coroutines) {
    alike_coroutines groups(left_coroutines_, graph, coroutines, !subject_.folds);
    // looking up names may take a while: what is told of each is known before it is asked which of them are still there
    for (std::size_t g = 0; g < groups.count(); ++g) coroutines.inspect(groups.first_of(g));
    const std::vector<bool> are_there = still_there(left_coroutines_);
    reported_coroutines_.clear();
    for (std::size_t i = 0; i < left_coroutines_.size(); ++i)
      if (are_there[i] && groups.group_of(i) != alike_coroutines::no_group)
        reported_coroutines_.push_back(mark_of(left_coroutines_[i]));
    return groups.describe([&](std::size_t i) { return are_there[i]; });
  }

  void settle() {
    for (const auto* marks : {&left_out_coroutines_, &reported_coroutines_})
      for (const coroutine_mark& c : *marks) detail::settle(c);
    std::set<std::uint64_t> serials;
    for (const auto* keys : {&left_out_, &reported_})
      for (const task_key& key : *keys) {
        if (key & unannounced)
          kernel_threads().settle(static_cast<int>(key & 0x3FFFFF), (key & ~unannounced) >> 22);
        else
          serials.insert(key);
      }
    if (serials.empty()) return;
    the_registry.for_each_younger_than(subject_.younger_than, [&](task_node& node) {
      if (serials.contains(node.serial)) node.settled.store_relaxed(true);
    });
  }

  /// A number for each task: its serial, or with the top bit set a kernel thread's id (22 bits at most) and start time.
  using task_key = std::uint64_t;
  static constexpr task_key unannounced = task_key{1} << 63;
  static task_key key_of(const live_thread& t) noexcept {
    return t.serial ? t.serial : unannounced | t.start_ticks << 22 | static_cast<task_key>(t.tid);
  }

  reading_scopes reading_;  ///< what is copied has names of scopes
  check_subject subject_;
  rule_set& rules_;
  report result_;
  std::vector<live_thread> left_;
  std::vector<live_coroutine> left_coroutines_;  ///< by id
  std::set<task_key> left_out_;
  std::set<task_key> idle_;  ///< workers of well-known pools
  std::set<task_key> reported_;
  std::vector<coroutine_mark> left_out_coroutines_;  ///< by id
  std::vector<coroutine_mark> reported_coroutines_;
  std::vector<live_thread> newcomers_;    ///< kernel threads too young to count
  std::map<task_key, suspect> suspects_;  ///< what is known of threads since earlier rounds
};

}  // namespace taskleak::inline v0::detail

#endif
