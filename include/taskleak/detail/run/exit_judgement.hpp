// SPDX-License-Identifier: MIT
/// \file Judges the threads that static objects own, once all static objects have been destroyed.
///
/// A thread that has ended by then is well, and so is one that a static object still owns: that object is never destroyed, on
/// purpose. A thread that nobody can join any more has been forgotten by the destructor of its owner.
#ifndef TASKLEAK_DETAIL_RUN_EXIT_JUDGEMENT_HPP
#define TASKLEAK_DETAIL_RUN_EXIT_JUDGEMENT_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/inspect/await_graph.hpp>
#include <taskleak/detail/inspect/inspect.hpp>
#include <taskleak/detail/inspect/inspect_coroutine.hpp>
#include <taskleak/detail/platform/changes.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/probe/thread/live_thread.hpp>
#include <taskleak/detail/run/check.hpp>
#include <taskleak/detail/run/owned_log.hpp>
#include <taskleak/detail/run/owner_looks.hpp>
#include <taskleak/report.hpp>

#include <cstdint>
#include <optional>
#include <utility>

namespace taskleak::inline v0::detail {

class exit_judgement {
 public:
  explicit exit_judgement(const owned_log& log) : log_(log) {}

  /// Gives threads that nobody owns any more this long to end: they may be on their way out, or about to be joined.
  void judge(std::int64_t longest_ns) {
    const std::int64_t deadline = now_ns() + longest_ns;
    std::uint32_t seen = task_ended.start_watching();
    while (!look() && now_ns() < deadline) {
      task_ended.wait(seen, longest_pause_ns);
      seen = task_ended.seen();
    }
    task_ended.stop_watching();
  }

  /// Returns the threads that are alive, and that a static object still owns.
  const light_vector<live_thread>& owned() const noexcept { return owned_; }

  /// Describes the threads that nobody owns any more.
  report describe_lost() const {
    const await_graph none;
    coroutine_inspector no_coroutines(none);
    report found;
    found.scope = "static destruction";
    for (const live_thread& t : lost_)
      if (std::optional<straggler> s = inspect(t, no_coroutines)) found.stragglers.push_back(std::move(*s));
    return found;
  }

 private:
  static constexpr std::int64_t longest_pause_ns = 20'000'000;

  /// Returns whether nothing is lost, as far as can be told.
  bool look() {
    owned_.clear();
    lost_ = log_.alive();
    if (lost_.empty()) return true;
    const std::optional<owners_of_threads> owners = find_owners();
    detail::erase_if(lost_, [&](const live_thread& t) {
      const bool is_owned = !owners || owners->contains(t.serial);
      if (is_owned) owned_.push_back(t);
      return is_owned;
    });
    return lost_.empty();
  }

  const owned_log& log_;
  light_vector<live_thread> owned_;
  light_vector<live_thread> lost_;
};

}  // namespace taskleak::inline v0::detail

#endif
