// SPDX-License-Identifier: MIT
/// \file Collects and describes the coroutines that a check is about.
#ifndef TASKLEAK_DETAIL_RUN_COROUTINE_SUSPECTS_HPP
#define TASKLEAK_DETAIL_RUN_COROUTINE_SUSPECTS_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/filter/rules.hpp>
#include <taskleak/detail/inspect/alike_coroutines.hpp>
#include <taskleak/detail/inspect/await_graph.hpp>
#include <taskleak/detail/inspect/facet.hpp>
#include <taskleak/detail/inspect/inspect_coroutine.hpp>
#include <taskleak/detail/inspect/library_coroutines.hpp>
#include <taskleak/detail/probe/coroutine/live_coroutine.hpp>
#include <taskleak/detail/probe/coroutine/table.hpp>
#include <taskleak/detail/run/suspect_list.hpp>
#include <taskleak/detail/verdict/frame_of_straggler.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Lists the coroutines of a check; of many that are alike, one is described.
class coroutine_suspects final : public suspect_list {
 public:
  using suspect_list::suspect_list;

  void collect() override {
    left_ = copy_coroutines_younger_than(
        context_.asked.younger_than, [this](const coroutine_birth& birth, bool settled) { return is_asked_for(birth, settled); });
    if (left_out_.empty()) return;
    auto left_out = left_out_.begin();  // both lists are sorted by id
    detail::erase_if(left_, [&](const live_coroutine& c) {
      while (left_out != left_out_.end() && left_out->id < c.id()) ++left_out;
      return left_out != left_out_.end() && left_out->id == c.id();
    });
  }

  bool empty() const noexcept override { return left_.empty(); }

  bool is_held_up(effort most) noexcept override {
    // rules for coroutines need the names of functions
    if ((most != effort::records && context_.rules.needs_inspection()) || !left_out_.empty()) return false;
    return all_coroutines.any_younger_than(context_.asked.younger_than,
                                           [this](const coroutine_block& block, const coroutine_slot&, std::uintptr_t in_slot) {
                                             return is_asked_for(block.birth, (in_slot & slot_is_settled) != 0);
                                           });
  }

  /// Returns the graph of all coroutines, not only of those left: a coroutine that awaits one of these need not be left itself.
  await_graph graph() const {
    if (left_.size() == all_coroutines.size()) return await_graph(&left_);
    return await_graph(copy_coroutines_younger_than(0, [](const coroutine_birth&, bool) { return true; }));
  }

  void leave_out(effort most) override {
    if (most == effort::records || left_.empty() || !context_.rules.needs_inspection()) return;
    const await_graph whole = graph();
    coroutine_inspector coroutines(whole);
    leave_out_alike(whole, coroutines);
  }

  void describe(const await_graph& graph, coroutine_inspector& coroutines) override {
    alike_coroutines groups(left_, graph, coroutines, !context_.asked.folds);
    // looking up names may take a while, so each group is described before it is asked which coroutines are still there
    for (std::size_t g = 0; g < groups.count(); ++g) coroutines.inspect(groups.first_of(g));
    const library_coroutines of_libraries(left_, graph, coroutines);
    const light_vector<bool> are_there = still_there(left_);
    reported_.clear();
    for (std::size_t i = 0; i < left_.size(); ++i)
      if (are_there[i] && groups.group_of(i) != alike_coroutines::no_group) reported_.push_back(mark_of(left_[i]));
    described_ = groups.describe([&](std::size_t i) { return are_there[i] && !of_libraries.is_part_of_another(i); });
    are_all_told_with_others_ = described_.empty() && !reported_.empty();
  }

  void report_those_still_there() override {
    for (straggler& s : described_) context_.result.stragglers.push_back(std::move(s));
    described_.clear();
  }

  /// Adds the frames of all coroutines that the stragglers stand for.
  void add_frames_of(const std::vector<straggler>& stragglers, std::vector<frame_of_straggler>& frames) const {
    const auto add = [&](const straggler& s, std::uint64_t id) {
      const auto c = std::lower_bound(left_.begin(), left_.end(), id,
                                      [](const live_coroutine& live, std::uint64_t wanted) { return live.id() < wanted; });
      if (c != left_.end() && c->id() == id) frames.push_back({s.id, ~c->frame()});
    };
    for (const straggler& s : stragglers) {
      if (s.kind != task_kind::coroutine) continue;
      add(s, s.id);
      for (const std::uint64_t id : s.alike.ids) add(s, id);
    }
  }

  bool are_all_told_with_others() const noexcept override { return are_all_told_with_others_; }

  void settle() override {
    for (const auto* marks : {&left_out_, &reported_})
      for (const coroutine_mark& c : *marks) detail::settle(c);
  }

 private:
  bool is_asked_for(const coroutine_birth& birth, bool settled) const noexcept {
    return (context_.asked.settled_too || !settled) && !context_.rules.match_current(birth.epoch) &&
           !is_of_taskleak(birth.charged_to) && context_.is_in_scope(birth.charged_to);
  }

  /// Leaves out coroutines by rules. Most rules say the same of all coroutines that are alike, and are asked once. A library's
  /// coroutine that is part of a user's coroutine goes with that one, and no rule counts it.
  void leave_out_alike(const await_graph& graph, coroutine_inspector& coroutines) {
    const alike_coroutines groups(left_, graph, coroutines, context_.rules.asks_predicates());
    const library_coroutines of_libraries(left_, graph, coroutines);
    std::vector<ignored_task> left_out_of(groups.count());
    for (std::size_t g = 0; g < groups.count(); ++g) {
      const straggler s = coroutines.inspect(groups.first_of(g));
      const live_coroutine& c = graph.coroutines()[groups.first_of(g)];
      const rule* const matching = context_.rules.match(s, c.birth.epoch, c.birth.charged_to);
      left_out_of[g] = {s.kind, s.id, s.name, matching ? matching->shown_reason() : std::string(), 0};
    }
    light_vector<coroutine_mark> newly;
    std::size_t at = 0;
    detail::erase_if(left_, [&](const live_coroutine& c) {
      const bool is_part = of_libraries.is_part_of_another(at);
      const std::uint32_t g = groups.group_of(at++);
      if (is_part) newly.push_back(mark_of(c));
      if (is_part) return true;
      if (g == alike_coroutines::no_group || left_out_of[g].reason.empty()) return false;
      ++left_out_of[g].count;
      newly.push_back(mark_of(c));
      if (!context_.asked.folds)
        context_.result.ignored.push_back({task_kind::coroutine, c.id(), left_out_of[g].name, left_out_of[g].reason});
      return true;
    });
    if (context_.asked.folds)
      for (ignored_task& of_group : left_out_of)
        if (of_group.count > 0) context_.result.ignored.push_back(std::move(of_group));
    if (newly.empty()) return;
    left_out_.append(newly.begin(), newly.end());
    // why not std::inplace_merge: Clang warns of what libstdc++ does in it
    detail::sort(left_out_, [](const coroutine_mark& a, const coroutine_mark& b) { return a.id < b.id; });
  }

  light_vector<live_coroutine> left_;      ///< sorted by id
  light_vector<coroutine_mark> left_out_;  ///< sorted by id
  light_vector<coroutine_mark> reported_;
  std::vector<straggler> described_;
  bool are_all_told_with_others_ = false;
};

}  // namespace taskleak::inline v0::detail

#endif
