// SPDX-License-Identifier: MIT
/// \file Performs one check: collects live tasks, waits for them to end, and describes the rest.
#ifndef TASKLEAK_DETAIL_RUN_CHECK_HPP
#define TASKLEAK_DETAIL_RUN_CHECK_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/filter/rules.hpp>
#include <taskleak/detail/inspect/await_graph.hpp>
#include <taskleak/detail/inspect/facet.hpp>
#include <taskleak/detail/inspect/inspect.hpp>
#include <taskleak/detail/inspect/inspect_coroutine.hpp>
#include <taskleak/detail/platform/changes.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/registry/sampling.hpp>
#include <taskleak/detail/run/coroutine_suspects.hpp>
#include <taskleak/detail/run/cycle_judge.hpp>
#include <taskleak/detail/run/owner_looks.hpp>
#include <taskleak/detail/run/question.hpp>
#include <taskleak/detail/run/reach_judge.hpp>
#include <taskleak/detail/run/scopes.hpp>
#include <taskleak/detail/run/suspect_list.hpp>
#include <taskleak/detail/run/thread_suspects.hpp>
#include <taskleak/detail/run/timed_wait_judge.hpp>
#include <taskleak/report.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

class check {
 public:
  static constexpr std::chrono::nanoseconds default_wait = std::chrono::seconds(1);

  check(const question& asked, rule_set& rules)
      : context_{asked, rules, {}, {}},
        threads_(context_),
        coroutines_(context_),
        wakes_(rules.wait().value_or(default_wait).count()) {}

  report run() {
    std::int64_t deadline = saturating_add(now_ns(), context_.rules.wait().value_or(default_wait).count());
    std::int64_t pause = first_pause_ns;
    const std::int64_t early_look = saturating_add(now_ns(), early_look_ns);
    std::uint32_t seen = task_ended.start_watching();
    for (;;) {
      const std::int64_t began = now_ns();
      const effort most = began >= deadline ? effort::held : began >= early_look ? effort::undisturbed : effort::records;
      if (most != effort::held && any([=](suspect_list& l) { return l.is_held_up(most); })) {
        if (most == effort::undisturbed && wakes_.is_due()) threads_.collect();
        count_wakes(most);
        pause_for(seen, pause, began, deadline);
        continue;
      }
      for (suspect_list* list : lists_) list->collect();
      const bool has_not_begun = any([](suspect_list& l) { return l.has_not_begun(); });
      const bool is_patient = most != effort::held || (has_not_begun && began - deadline < time_to_begin_ns);
      for (suspect_list* list : lists_) list->leave_out(most);
      if (most != effort::records && !context_.asked.has_main) owner_looks_.leave_out_owned(threads_, most);
      if (!any([](suspect_list& l) { return !l.empty(); }) && !context_.asked.has_main) break;
      count_wakes(most);
      // a task that ends is gone at the next look; a task that stays listed but cannot be described must not be waited for
      const bool is_over = began - deadline >= time_to_vanish_ns;
      const bool has_newcomers = any([](suspect_list& l) { return l.has_newcomers(); });
      if (!is_patient && (!has_newcomers || is_over) && (describe() || context_.asked.has_main || is_over)) break;
      // the time of the look is not the tasks' time: the first look reads the symbols of the program
      if (most != effort::held) deadline = saturating_add(deadline, now_ns() - began);
      pause_for(seen, pause, began,
                most == effort::records       ? std::min(early_look, deadline)
                : most == effort::undisturbed ? deadline
                                              : INT64_MAX);
    }
    task_ended.stop_watching();
    note_missing_creation_stacks();
    if (context_.asked.settles)
      for (suspect_list* list : lists_) list->settle();
    return std::move(context_.result);
  }

  /// Returns the threads that the last run() left out since static objects own them, and that are still to be judged.
  const light_vector<owned_thread>& owned() const noexcept { return context_.owned; }

 private:
  static constexpr std::int64_t first_pause_ns = 100'000;
  static constexpr std::int64_t longest_pause_ns = 20'000'000;
  static constexpr std::int64_t shortest_sleep_ns = 100'000;
  static constexpr std::int64_t time_to_begin_ns = 20'000'000;
  static constexpr std::int64_t time_to_vanish_ns = 2'000'000'000;
  static constexpr std::int64_t early_look_ns = 20'000'000;

  /// Waits for the end of a task, or for a while. A look that takes long is not repeated before as much time again has passed, so
  /// that many tasks that end in a row are not looked at one by one.
  void pause_for(std::uint32_t& seen, std::int64_t& pause, std::int64_t began, std::int64_t deadline) {
    const std::int64_t now = now_ns();
    const std::int64_t next_look = std::min(saturating_add(now, now - began), deadline);
    task_ended.wait(seen, std::min(pause, std::max<std::int64_t>(deadline - now, 0)));
    if (const std::int64_t early = next_look - now_ns(); early > shortest_sleep_ns)
      std::this_thread::sleep_for(std::chrono::nanoseconds(early));
    seen = task_ended.seen();
    pause = std::min(pause * 2, longest_pause_ns);
  }

  /// Looks at the threads that are left, now and then once the check has lasted.
  void count_wakes(effort most) {
    if (most != effort::undisturbed || !wakes_.is_due() || is_frozen_copy()) return;
    wakes_.begin_look();
    threads_.for_each_begun([this](int tid) { wakes_.look(tid); });
  }

  /// Says why stragglers have no creation stack, if that was asked for.
  void note_missing_creation_stacks() {
    const std::uint32_t one_in = sample_one_in.load_relaxed();
    const std::vector<straggler>& found = context_.result.stragglers;
    if (one_in == 1 || detail::none_of(found.begin(), found.end(), [](const straggler& s) {
          return s.creation_stack.empty() && !s.is_main && s.kind == task_kind::thread;
        }))
      return;
    context_.result.notes.push_back(
        fmt::format("of one thread in {0} the stack that created it is kept: TASKLEAK_OPTIONS has sample=1/{0}", one_in));
  }

  template <class Holds>
  bool any(Holds&& holds) {
    return detail::any_of(std::begin(lists_), std::end(lists_), [&](suspect_list* list) { return holds(*list); });
  }

  static std::int64_t saturating_add(std::int64_t a, std::int64_t b) noexcept { return b > INT64_MAX - a ? INT64_MAX : a + b; }

  /// Describes all tasks that are left. Returns false when they have ended meanwhile, or are about to end.
  bool describe() {
    std::vector<straggler>& found = context_.result.stragglers;
    found.clear();
    const await_graph graph = coroutines_.graph();
    coroutine_inspector inspector(graph);
    if (context_.asked.has_main)
      if (std::optional<straggler> main = inspect_main_thread(inspector)) found.push_back(std::move(*main));
    for (suspect_list* list : lists_) list->describe(graph, inspector);
    for (suspect_list* list : lists_) list->report_those_still_there();
    cycle_judge::suspects_by_id suspects;
    threads_.add_described_to(suspects);
    cycle_judge(suspects, inspector, effort::held).judge(found);
    std::vector<frame_of_straggler> frames;
    coroutines_.add_frames_of(found, frames);
    if (std::string doubt = reach_judge(context_.asked.stack_of_program).judge(found, frames); !doubt.empty())
      context_.result.notes.push_back(std::move(doubt));
    judge_cycles_of_coroutines(found);
    judge_timed_waits(found, wakes_);
    const auto is_done = [](suspect_list& l) { return l.empty() || l.are_all_told_with_others(); };
    return !found.empty() || detail::all_of(std::begin(lists_), std::end(lists_), [&](suspect_list* l) { return is_done(*l); });
  }

  reading_scopes reading_;  ///< keeps the scopes alive that copied tasks name
  check_context context_;
  thread_suspects threads_;
  coroutine_suspects coroutines_;
  owner_looks owner_looks_;
  wake_counts wakes_;
  suspect_list* lists_[2] = {&threads_, &coroutines_};
};

}  // namespace taskleak::inline v0::detail

#endif
