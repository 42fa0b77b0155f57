// SPDX-License-Identifier: MIT
/// \file Groups coroutines that are alike, and describes one of each group: what a million have in common is told once.
#ifndef TASKLEAK_DETAIL_INSPECT_ALIKE_COROUTINES_HPP
#define TASKLEAK_DETAIL_INSPECT_ALIKE_COROUTINES_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/group_index.hpp>
#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/inspect/alike_tasks.hpp>
#include <taskleak/detail/inspect/await_graph.hpp>
#include <taskleak/detail/inspect/inspect_coroutine.hpp>
#include <taskleak/detail/probe/coroutine/live_coroutine.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Groups coroutines that are the same but for numbers and what they await. Refers to the arguments of its constructor.
class alike_coroutines {
 public:
  static constexpr std::uint32_t no_group = static_cast<std::uint32_t>(-1);

  /// Groups the coroutines; with `each`, every coroutine is a group of its own.
  alike_coroutines(const light_vector<live_coroutine>& all, const await_graph& graph, coroutine_inspector& inspector,
                   bool each = false)
      : all_(all), graph_(graph), inspector_(inspector), groups_(all.size()) {
    for (std::uint32_t& group : groups_) group = no_group;
    group_index known(each ? 0 : all.size());
    for_each_index([&](std::size_t i, std::size_t index) {
      std::size_t number = 0;
      if (!each) {
        std::size_t& found =
            known.find(inspector.hash_of(index), [&](std::size_t g) { return inspector.are_alike(firsts_[g], index); });
        if (found == 0) found = firsts_.size() + 1;
        number = found;
      } else {
        number = firsts_.size() + 1;
      }
      if (number > firsts_.size()) firsts_.push_back(index);
      groups_[i] = static_cast<std::uint32_t>(number - 1);
    });
  }

  std::size_t count() const noexcept { return firsts_.size(); }
  /// Returns the index in the graph of a group's first coroutine.
  std::size_t first_of(std::size_t group) const noexcept { return firsts_[group]; }
  /// Returns the group of a coroutine by its place among all; no_group for a coroutine that the graph does not have.
  std::uint32_t group_of(std::size_t i) const noexcept { return groups_[i]; }

  /// Describes one coroutine of each group; of a group that awaits a few different things, one for each thing. Calls
  /// `is_wanted(place among all)` for each coroutine, and leaves out a coroutine for which it returns false.
  template <class IsWanted>
  std::vector<straggler> describe(IsWanted&& is_wanted) {
    light_vector<awaited_things> things(count());
    for_each_index([&](std::size_t i, std::size_t index) {
      if (is_wanted(i)) things[groups_[i]].add(inspector_.awaited_by(index));
    });
    std::vector<straggler> described;
    for_each_index([&](std::size_t i, std::size_t index) {
      if (!is_wanted(i)) return;
      const live_coroutine& c = all_[i];
      std::size_t& number = things[groups_[i]].described_as(inspector_.awaited_by(index));
      if (number == 0) {
        described.push_back(inspector_.inspect(index));
        number = described.size();
      } else {
        add_alike(described[number - 1].alike, c.id(), inspector_.parked_for(c));
      }
    });
    for (awaited_things& of_group : things)
      if (const std::size_t number = of_group.described_together()) described[number - 1].alike.objects = of_group.count();
    return described;
  }

 private:
  using awaited_thing = std::pair<std::uint64_t, std::uintptr_t>;  ///< see coroutine_inspector::awaited_by()

  /// Collects what the coroutines of one group await, each thing once, as long as the things are few.
  class awaited_things {
   public:
    void add(const awaited_thing& thing) {
      if (!few_.empty() && few_.back().first == thing) return;
      awaits_coroutines_ = awaits_coroutines_ || thing.first != 0;
      if (few_.size() <= most_objects_apart && find(thing) == few_.end()) few_.emplace_back(thing, 0);
    }

    /// Returns the place of the number of the straggler that describes the coroutines that await this; 0 stands for none yet.
    std::size_t& described_as(const awaited_thing& thing) {
      if (are_shown_apart()) return find(thing)->second;
      if (all_.empty() || all_.back() != thing) all_.push_back(thing);
      return together_;
    }

    /// Returns the number of the straggler that describes coroutines which await different things; 0 when there is none.
    std::size_t described_together() const noexcept { return together_; }

    std::size_t count() {
      std::sort(all_.begin(), all_.end());
      return static_cast<std::size_t>(std::unique(all_.begin(), all_.end()) - all_.begin());
    }

   private:
    /// Whether each thing has a straggler of its own. Awaited coroutines need none: their own chain shows who awaits them.
    bool are_shown_apart() const noexcept { return few_.size() <= most_objects_apart && !awaits_coroutines_; }

    std::pair<awaited_thing, std::size_t>* find(const awaited_thing& thing) {
      return detail::find_if(few_.begin(), few_.end(), [&](const auto& known) { return known.first == thing; });
    }

    light_vector<std::pair<awaited_thing, std::size_t>> few_;  ///< each with the number of the straggler that describes it
    light_vector<awaited_thing> all_;
    std::size_t together_ = 0;
    bool awaits_coroutines_ = false;
  };

  /// Calls `visit(place among all, index in the graph)`.
  template <class Visit>
  void for_each_index(Visit&& visit) const {
    std::size_t next = 0;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      const std::size_t index = graph_.find(all_[i].id(), next);
      if (index == await_graph::none) continue;
      next = index + 1;
      visit(i, index);
    }
  }

  const light_vector<live_coroutine>& all_;
  const await_graph& graph_;
  coroutine_inspector& inspector_;
  light_vector<std::uint32_t> groups_;
  std::vector<std::size_t> firsts_;
};

}  // namespace taskleak::inline v0::detail

#endif
