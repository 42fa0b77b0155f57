// SPDX-License-Identifier: MIT
/// \file Tells whether all threads of the process are at rest at one moment.
#ifndef TASKLEAK_DETAIL_RUN_REST_HPP
#define TASKLEAK_DETAIL_RUN_REST_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/id_map.hpp>
#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/base/separator.hpp>
#include <taskleak/detail/filter/rules.hpp>
#include <taskleak/detail/inspect/await_graph.hpp>
#include <taskleak/detail/inspect/facet.hpp>
#include <taskleak/detail/inspect/inspect.hpp>
#include <taskleak/detail/inspect/inspect_coroutine.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/probe/thread/main_thread.hpp>
#include <taskleak/detail/report/limits.hpp>
#include <taskleak/detail/report/text/to_text.hpp>
#include <taskleak/detail/run/check.hpp>
#include <taskleak/detail/run/question.hpp>
#include <taskleak/detail/run/scopes.hpp>
#include <taskleak/detail/run/suspect_list.hpp>
#include <taskleak/detail/run/the_census.hpp>
#include <taskleak/detail/run/thread_suspects.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Looks at the threads round after round, and keeps what is known of a parked thread until it runs.
///
/// The threads are looked at one after the other. They rest at one moment if each thread is parked in its own look, none has run
/// until a moment after all looks, and none was born meanwhile.
class rest_of_threads {
 public:
  explicit rest_of_threads(rule_set& rules) : context_{question::of_find(), rules, {}, {}}, threads_(context_) {}

  /// Takes one look. No thread is signalled.
  bool is_reached() {
    const std::uint64_t births = the_census.births();
    threads_.collect();
    threads_.leave_out(effort::undisturbed);
    parked_.clear();
    looked_at_.clear();
    moving_.clear();
    noted_.clear();
    threads_.for_each(effort::undisturbed, [this](suspect& s) { look(s); });
    if (current_tid() != current_pid()) {
      main_thread_ ? main_thread_->update(copy_main_thread()) : static_cast<void>(main_thread_.emplace(copy_main_thread()));
      main_thread_->allow(effort::undisturbed);
      look(*main_thread_);
    }
    for (const suspect* s : looked_at_)
      if (waits_for_a_thread_that_moves(*s) || !has_rested(*s)) note_moving(*s);
    return moving_.empty() && the_census.births() == births;
  }

  /// Describes the threads that the last look found moving, with any effort.
  report describe_moving() {
    const await_graph none;
    coroutine_inspector no_coroutines(none);
    report found;
    for (const suspect* s : moving_) {
      std::optional<straggler> told = suspect(s->thread()).describe(no_coroutines);
      if (!told) continue;
      found.stragglers.push_back(std::move(*told));
    }
    found.ignored = std::move(context_.result.ignored);
    return found;
  }

 private:
  /// Notes a thread once, for however many reasons it moves.
  void note_moving(const suspect& s) {
    if (noted_.insert(key_of_address(&s)).second) moving_.push_back(&s);
  }

  void look(suspect& s) {
    if (!s.has(facet::parked)) {
      if (!s.is_gone()) note_moving(s);
      return;
    }
    const straggler& shown = s.shown();
    looked_at_.push_back(&s);
    const bool ends_by_itself = shown.time_left.has_value() && !context_.rules.counts_timed_waits();
    const bool is_moving = shown.state == state::running || shown.state == state::created || shown.state == state::unknown ||
                           shown.state == state::alive || ends_by_itself;
    if (is_moving)
      note_moving(s);
    else
      parked_.insert(shown.id);
  }

  /// Whether the thread waits for a lock whose holder is not known to rest: it may get the lock at any time.
  bool waits_for_a_thread_that_moves(const suspect& s) const {
    const straggler& shown = s.shown();
    if (shown.state != state::mutex_lock && shown.state != state::shared_mutex_lock) return false;
    const auto is_owner = [](const awaited_task& other) { return other.relation == wait_relation::owner; };
    const auto owner = detail::find_if(shown.waits_for.begin(), shown.waits_for.end(), is_owner);
    if (owner == shown.waits_for.end()) return shown.waits_on.readers == 0;
    return !parked_.contains(owner->id);
  }

  static bool has_rested(const suspect& s) { return s.thread().finished || (s.is_still_parked() && !s.waits_for_kernel()); }

  reading_scopes reading_;  ///< keeps the scopes alive that copied tasks name
  check_context context_;
  thread_suspects threads_;
  std::optional<suspect> main_thread_;
  light_vector<const suspect*> looked_at_;
  light_vector<const suspect*> moving_;
  std::set<std::uint64_t> noted_;  ///< the addresses of those in `moving_`
  std::set<std::uint64_t> parked_;
};

/// Waits until all threads are at rest; then returns an empty value. Returns the threads that still move when the time is over.
inline std::optional<report> wait_for_rest(rule_set& rules) {
  constexpr std::int64_t longest_pause_ns = 5'000'000;
  const std::int64_t began = now_ns();
  const std::int64_t longest = rules.wait().value_or(check::default_wait).count();
  rest_of_threads rest(rules);
  for (std::int64_t pause = 50'000;; pause = std::min(2 * pause, longest_pause_ns)) {
    if (rest.is_reached()) return std::nullopt;
    if (now_ns() - began >= longest) return rest.describe_moving();
    std::this_thread::sleep_for(std::chrono::nanoseconds(pause));
  }
}

/// Returns the first line of a failure, `not every thread is parked: 1 thread moves: [running] in spin() src/spin.cpp:7`.
inline std::string headline_of_unrest(const report& moving) {
  std::string text = "not every thread is parked";
  const std::vector<straggler>& all = moving.stragglers;
  if (all.empty()) return text + ": threads were made all the time";
  text += ": " + count_in_words(all) + (all.size() == 1 ? " moves: " : " move: ");
  return text + where_it_is(all.front(), longest_headline - std::min(longest_headline, text.size()));
}

/// Returns the text of a failure: its first line, and the blocks of the moving threads.
inline std::string text_of_unrest(const report& moving) {
  std::string text = moving.headline + '\n';
  if (moving.stragglers.empty()) return text;
  text += separator_line;
  append_blocks(text, moving, shown_limits());
  return text;
}

}  // namespace taskleak::inline v0::detail

#endif
