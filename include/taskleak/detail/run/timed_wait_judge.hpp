// SPDX-License-Identifier: MIT
/// \file Judges the stragglers that wait with a limit: a wait that ends by itself, or one that begins again and again.
#ifndef TASKLEAK_DETAIL_RUN_TIMED_WAIT_JUDGE_HPP
#define TASKLEAK_DETAIL_RUN_TIMED_WAIT_JUDGE_HPP

#include <taskleak/detail/platform/choice.hpp>
#include <taskleak/detail/report/text/verdict_words.hpp>
#include <taskleak/report.hpp>
#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/inspect/wake_counts.hpp>
#else
#include <taskleak/detail/inspect/portable/wake_counts.hpp>
#endif

#include <cstddef>
#include <vector>

namespace taskleak::inline v0::detail {

/// Sets verdict and reason of stragglers that have no verdict. The main thread, which dump() shows, is none.
inline void judge_timed_waits(std::vector<straggler>& found, const wake_counts& wakes) {
  constexpr std::size_t again_and_again = 2;
  for (straggler& s : found) {
    if (s.kind != task_kind::thread || s.verdict != verdict::none || s.is_main) continue;
    if (!s.time_left && s.state != state::running) continue;
    s.wakes = wakes.times_back(static_cast<int>(s.id));
    if (s.wakes >= again_and_again) {
      s.verdict = verdict::polling;
      s.reason = polling_in_words(s.wakes);
    } else if (s.time_left) {
      s.verdict = verdict::self_ending;
      s.reason = end_of_wait_in_words(s.state, *s.time_left);
    }
  }
}

}  // namespace taskleak::inline v0::detail

#endif
