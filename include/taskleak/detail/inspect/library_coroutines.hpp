// SPDX-License-Identifier: MIT
/// \file Finds the coroutines that a library runs for the user's coroutines: together they are reported as one task.
#ifndef TASKLEAK_DETAIL_INSPECT_LIBRARY_COROUTINES_HPP
#define TASKLEAK_DETAIL_INSPECT_LIBRARY_COROUTINES_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/inspect/await_graph.hpp>
#include <taskleak/detail/inspect/inspect_coroutine.hpp>
#include <taskleak/detail/platform/foreign_memory.hpp>
#include <taskleak/detail/probe/coroutine/live_coroutine.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

namespace taskleak::inline v0::detail {

/// Says which coroutines of a check are a part of another. Coroutines belong together if one awaits the other or holds the
/// other's handle. Of such a group the user's coroutines are reported; if it has none, the coroutine that awaits no other.
class library_coroutines {
 public:
  library_coroutines(const light_vector<live_coroutine>& left, const await_graph& graph, coroutine_inspector& inspector)
      : left_(left), graph_(graph), inspector_(inspector) {
    find_those_left();
    if (!left_out_.empty()) leave_one_of_each();
  }

  /// Whether the coroutine at this place among those left is reported as a part of another.
  bool is_part_of_another(std::size_t i) const noexcept { return !left_out_.empty() && left_out_[i]; }

 private:
  static constexpr std::size_t none = await_graph::none;

  void find_those_left() {
    indices_.reserve(left_.size());
    std::size_t next = 0;
    for (std::size_t i = 0; i < left_.size(); ++i) {
      const std::size_t index = graph_.find(left_[i].id(), next);
      indices_.push_back(index);
      if (index == none) continue;
      next = index + 1;
      if (!inspector_.is_of_a_library(index)) continue;
      left_out_.resize(left_.size());
      left_out_[i] = true;
    }
  }

  void leave_one_of_each() {
    join_what_is_linked();
    // for each group without a coroutine of the user's: the place of the coroutine to report
    std::vector<std::size_t> told(parts_.size(), none);
    for (std::size_t i = 0; i < left_.size(); ++i) {
      if (!left_out_[i]) continue;
      const std::size_t part = part_of(indices_[i]);
      if (has_users_[part]) continue;
      std::size_t& known = told[part];
      if (known == none || (graph_.child_of(indices_[known]) != none && graph_.child_of(indices_[i]) == none)) known = i;
    }
    for (const std::size_t i : told)
      if (i != none) left_out_[i] = false;
  }

  void join_what_is_linked() {
    parts_.resize(graph_.coroutines().size());
    std::iota(parts_.begin(), parts_.end(), std::size_t{0});
    has_users_.resize(parts_.size());
    is_left_.resize(parts_.size());
    for (const std::size_t index : indices_)
      if (index != none) is_left_[index] = true;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      link(i, graph_.parent_of(i));
      link(i, graph_.child_of(i));
    }
    for (const auto& [holder, held] : graph_.frames_in_promises()) link_if_left(holder, held);
    link_what_is_not_begun();
    for (std::size_t i = 0; i < parts_.size(); ++i)
      if (has_users_[i]) has_users_[part_of(i)] = true;
  }

  void link(std::size_t a, std::size_t b) {
    if (a == none || b == none) return;
    const bool a_is_library = inspector_.is_of_a_library(a);
    const bool b_is_library = inspector_.is_of_a_library(b);
    if (a_is_library && b_is_library) parts_[part_of(a)] = part_of(b);
    if (a_is_library != b_is_library) has_users_[a_is_library ? a : b] = true;
  }

  /// Links two coroutines by a weaker sign, which may be a leftover in memory: the check reports one of the two in any case.
  void link_if_left(std::size_t a, std::size_t b) {
    if (is_left_[a] && is_left_[b]) link(a, b);
  }

  struct place_of_frame {
    std::uintptr_t address;
    std::size_t index;  ///< in the graph
  };

  /// Links each coroutine that has not begun to the coroutine that will await it, which holds its handle in a parameter or a
  /// local variable behind the promise. The end of that frame is not known; words read beyond it are compared, and no more.
  void link_what_is_not_begun() {
    constexpr std::size_t most_words = 128;
    const light_vector<live_coroutine>& all = graph_.coroutines();
    light_vector<place_of_frame> not_begun;
    for (const std::size_t i : indices_)
      if (i != none && all[i].data.state == coroutine_state::created && graph_.parent_of(i) == none)
        not_begun.push_back({all[i].frame(), i});
    if (not_begun.empty()) return;
    detail::sort(not_begun, [](const place_of_frame& a, const place_of_frame& b) { return a.address < b.address; });
    for (const std::size_t i : indices_) {
      if (i == none || !inspector_.is_of_a_library(i)) continue;
      std::uintptr_t words[most_words];
      const std::size_t count = copy_memory(all[i].end_of_promise(), words, sizeof words) / sizeof words[0];
      for (std::size_t w = 0; w < count; ++w) {
        const auto* const after =
            std::upper_bound(not_begun.begin(), not_begun.end(), words[w],
                             [](std::uintptr_t word, const place_of_frame& one) { return word < one.address; });
        if (after == not_begun.begin()) continue;
        const std::size_t held = after[-1].index;
        if (held != i && words[w] < all[held].end_of_promise()) link(i, held);
      }
    }
  }

  std::size_t part_of(std::size_t i) noexcept {
    while (parts_[i] != i) i = parts_[i] = parts_[parts_[i]];
    return i;
  }

  const light_vector<live_coroutine>& left_;
  const await_graph& graph_;
  coroutine_inspector& inspector_;
  std::vector<std::size_t> indices_;  ///< indices in the graph of the coroutines left
  light_vector<bool> left_out_;       ///< by the place among those left; empty if no library's coroutine is among them
  std::vector<std::size_t> parts_;    ///< by the index in the graph: another of the same group, up to one that stands for all
  light_vector<bool> has_users_;  ///< by the index: whether the group has a coroutine of the user's; set for the one in parts_
  light_vector<bool> is_left_;    ///< by the index in the graph
};

}  // namespace taskleak::inline v0::detail

#endif
