// SPDX-License-Identifier: MIT
/// \file One check: which tasks are there, waiting for them to end, and what is told of those that do not.
#ifndef TASKLEAK_DETAIL_RUNTIME_CHECK_HPP
#define TASKLEAK_DETAIL_RUNTIME_CHECK_HPP

#include <taskleak/detail/coroutine/live_coroutine.hpp>
#include <taskleak/detail/coroutine/table.hpp>
#include <taskleak/detail/filter/rules.hpp>
#include <taskleak/detail/inspect/await_graph.hpp>
#include <taskleak/detail/inspect/helper_threads.hpp>
#include <taskleak/detail/inspect/inspect.hpp>
#include <taskleak/detail/inspect/inspect_coroutine.hpp>
#include <taskleak/detail/inspect/known_pools.hpp>
#include <taskleak/detail/platform/linux/changes.hpp>
#include <taskleak/detail/platform/linux/kernel_probe.hpp>
#include <taskleak/detail/platform/linux/live_thread.hpp>
#include <taskleak/detail/registry/current.hpp>
#include <taskleak/detail/registry/registry.hpp>
#include <taskleak/detail/runtime/scopes.hpp>
#include <taskleak/detail/text/fold.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Which tasks a check is about.
struct check_subject {
  const scope* within = nullptr;  ///< null: any scope
  std::uint64_t younger_than = 0;
  bool settled_too = false;  ///< also those an earlier check has dealt with
  bool settles = true;       ///< those found are dealt with from now on
  bool folds = false;        ///< of coroutines that are alike one is described, see alike()
};

/// Whether nothing younger than the epoch is alive: a system call and a look at each shard, however many older tasks there are.
inline bool nothing_younger_than(std::uint64_t epoch) {
  kernel_threads().refresh();
  return !the_registry.has_younger_than(epoch) && !all_coroutines.has_younger_than(epoch) &&
         !kernel_threads().has_younger_than(epoch);
}

class check {
 public:
  static constexpr std::chrono::nanoseconds default_wait = std::chrono::seconds(1);

  check(const check_subject& subject, rule_set& rules) : subject_(subject), rules_(rules) {}

  report run() {
    const std::int64_t deadline = saturating_add(now_ns(), rules_.wait().value_or(default_wait).count());
    std::int64_t pause = first_pause_ns;
    const std::int64_t early_look = saturating_add(now_ns(), early_look_ns);
    std::uint32_t seen = task_ended.start_watching();
    for (;;) {
      collect();
      const std::int64_t now = now_ns();
      const bool patient = now < deadline || (has_not_begun() && now - deadline < time_to_begin_ns);
      if (rules_.needs_inspection() || has_unannounced()) leave_out_by_rules();
      if (rules_.ignores_known_pools() && now >= early_look) leave_out_idle_pools();
      if (!suspects_.empty()) leave_out_helpers();
      if (left_.empty() && left_coroutines_.empty() && suspects_.empty()) break;
      if (!patient && suspects_.empty() && describe()) break;
      task_ended.wait(seen, now < deadline ? std::min(pause, deadline - now) : pause);
      seen = task_ended.seen();
      pause = std::min(pause * 2, longest_pause_ns);
    }
    task_ended.stop_watching();
    if (subject_.settles) settle();
    return std::move(result_);
  }

  const alike_coroutines& alike() const noexcept { return alike_; }

 private:
  static constexpr std::int64_t first_pause_ns = 100'000;
  static constexpr std::int64_t longest_pause_ns = 20'000'000;
  static constexpr std::int64_t time_to_end_ns = 5'000'000;
  static constexpr std::int64_t time_to_begin_ns = 20'000'000;
  static constexpr std::int64_t early_look_ns = 20'000'000;

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
    kernel_threads().copy_younger_than(subject_.younger_than, subject_.settled_too, left_, suspects_);
    const int self = current_tid();
    const auto is_left_out = [&](const live_thread& t) {
      return rules_.match_current(t.epoch) || left_out_.contains(key_of(t)) || idle_.contains(key_of(t)) ||
             (t.serial == 0 && t.tid == self);
    };
    std::erase_if(left_, is_left_out);
    std::erase_if(suspects_, is_left_out);
  }

  void collect_coroutines() {
    left_coroutines_ = copy_coroutines_younger_than(subject_.younger_than, [this](const coroutine_birth& birth, bool settled) {
      return (subject_.settled_too || !settled) && !rules_.match_current(birth.epoch) && is_in_scope(birth.charged_to);
    });
    std::erase_if(left_coroutines_, [&](const live_coroutine& c) { return left_out_coroutines_.contains(c.id()); });
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
    if (left_coroutines_.size() == all_coroutines.size()) return await_graph(left_coroutines_);
    return await_graph(copy_coroutines_younger_than(0, [](const coroutine_birth&, bool) { return true; }));
  }

  void leave_out_by_rules() {
    const await_graph graph = left_coroutines_.empty() ? await_graph() : graph_of_coroutines();
    coroutine_inspector coroutines(graph);
    std::erase_if(left_, [&](const live_thread& t) {
      const std::optional<straggler> s = inspect(t, coroutines);
      // without a straggler it is ending: the next look will not find it
      if (!s || !leave_out(*s, reason_to_ignore(*s, t.epoch, t.charged_to))) return false;
      left_out_.insert(key_of(t));
      return true;
    });
    if (!rules_.needs_inspection()) return;  // those of our own are about threads
    std::erase_if(left_coroutines_, [&](const live_coroutine& c) {
      const std::size_t index = graph.find(c.id());
      if (index == await_graph::none) return false;
      const straggler s = coroutines.inspect(index);
      if (!leave_out(s, reason_to_ignore(s, c.birth.epoch, c.birth.charged_to))) return false;
      left_out_coroutines_.emplace(c.id(), c);
      return true;
    });
  }

  /// Leaves the parked helpers of glibc out before they count: a test that uses one would be waited for in vain. One that has
  /// been seen for a moment only may be on its way out, and is left alone.
  void leave_out_helpers() {
    const await_graph none;
    coroutine_inspector coroutines(none);
    const std::int64_t now = now_ns();
    std::erase_if(suspects_, [&](const live_thread& t) {
      if (now - t.created_at_ns < time_to_end_ns) return false;
      const std::optional<straggler> s = inspect(t, coroutines);
      if (!s || s->state == state::running || !leave_out(*s, reason_of_our_own(*s))) return false;
      left_out_.insert(key_of(t));
      return true;
    });
  }

  /// Leaves out the workers of well-known pools that idle. Looks only at threads that a library of such a pool has a part in, and
  /// only at those that are parked: none is disturbed.
  void leave_out_idle_pools() {
    const pool_modules modules;
    if (modules.empty()) return;
    const await_graph none;
    coroutine_inspector coroutines(none);
    std::erase_if(left_, [&](const live_thread& t) {
      const auto* const begin = t.creation_stack;
      const auto* const end = begin + t.creation_depth;
      const bool may_be = begin == end || std::any_of(begin, end, [&](const void* code) { return modules.contains(code); });
      if (t.finished || !may_be || read_parked_call(t.tid).what != parked_call::kind::blocked) return false;
      const std::optional<straggler> s = inspect(t, coroutines);
      return s && leave_out_if_idle(*s, key_of(t));
    });
  }

  /// Such a worker is not dealt with for good: the check of a scope around looks again, and a job may be stuck in it then.
  bool leave_out_if_idle(const straggler& s, std::uint64_t key) {
    const known_pool* const pool = rules_.ignores_known_pools() ? idle_pool(s) : nullptr;
    if (!pool || !leave_out(s, std::string(pool->name))) return false;
    idle_.insert(key);
    return true;
  }

  /// Only with a reason.
  bool leave_out(const straggler& s, const std::string& reason) {
    if (reason.empty()) return false;
    result_.ignored.push_back({s.kind, s.id, s.name, reason});
    return true;
  }

  static std::string reason_of_our_own(const straggler& s) {
    const char* const built_in = built_in_reason(s);
    return built_in ? built_in : "";
  }

  std::string reason_to_ignore(const straggler& s, std::uint64_t epoch, const scope* charged_to) {
    if (const rule* matching = rules_.match(s, epoch, charged_to)) return matching->shown_reason();
    return reason_of_our_own(s);
  }

  /// Looks into all that is left; false when all of it has ended meanwhile, or is about to.
  bool describe() {
    result_.stragglers.clear();
    const await_graph graph = graph_of_coroutines();
    coroutine_inspector coroutines(graph);
    std::vector<std::pair<task_key, straggler>> threads;
    std::set<std::uint64_t> gone;
    for (const live_thread& t : left_) {
      if (auto s = inspect(t, coroutines))
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
    for (auto& [key, s] : threads)
      if (still.contains(key) && !leave_out_if_idle(s, key)) {
        result_.stragglers.push_back(std::move(s));
        reported_.insert(key);
      }
    if (!subject_.folds) take_those_still_there(suspended);
    for (straggler& s : suspended) result_.stragglers.push_back(std::move(s));
    return !result_.stragglers.empty();
  }

  std::vector<straggler> describe_coroutines(const await_graph& graph, coroutine_inspector& coroutines) {
    alike_.clear();
    std::vector<straggler> described;
    if (!subject_.folds) described.reserve(left_coroutines_.size());
    std::vector<std::size_t> firsts;
    group_index groups(subject_.folds ? left_coroutines_.size() : 0);
    std::size_t next = 0;
    for (const live_coroutine& c : left_coroutines_) {
      const std::size_t index = graph.find(c.id(), next);
      if (index == await_graph::none) continue;
      next = index + 1;
      if (subject_.folds) {
        std::size_t& group =
            groups.find(coroutines.hash_of(index), [&](std::size_t g) { return coroutines.are_alike(firsts[g], index); });
        if (group != 0) {
          alike_[described[group - 1].id].add(c.id(), coroutines.parked_for(c));
          continue;
        }
        firsts.push_back(index);
        group = firsts.size();
      }
      described.push_back(coroutines.inspect(index));
    }
    return described;
  }

  void take_those_still_there(std::vector<straggler>& described) {
    collect_coroutines();
    std::erase_if(described, [this](const straggler& s) {
      const auto same = std::lower_bound(left_coroutines_.begin(), left_coroutines_.end(), s.id,
                                         [](const live_coroutine& c, std::uint64_t id) { return c.id() < id; });
      if (same == left_coroutines_.end() || same->id() != s.id) return true;
      reported_coroutines_.push_back(*same);
      return false;
    });
  }

  void settle() {
    for (const auto& [id, c] : left_out_coroutines_) detail::settle(c);
    for (const live_coroutine& c : reported_coroutines_) detail::settle(c);
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
  std::map<std::uint64_t, live_coroutine> left_out_coroutines_;
  std::vector<live_coroutine> reported_coroutines_;
  alike_coroutines alike_;
  std::vector<live_thread> suspects_;  ///< kernel threads too young to count
};

}  // namespace taskleak::inline v0::detail

#endif
