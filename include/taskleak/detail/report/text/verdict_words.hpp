// SPDX-License-Identifier: MIT
/// \file Puts into words why a wait that has a limit goes on: for one thread, or for several that are alike.
#ifndef TASKLEAK_DETAIL_REPORT_TEXT_VERDICT_WORDS_HPP
#define TASKLEAK_DETAIL_REPORT_TEXT_VERDICT_WORDS_HPP

#include <taskleak/detail/report/text/duration.hpp>
#include <taskleak/report.hpp>

#include <fmt/core.h>

#include <chrono>
#include <cstddef>
#include <string>

namespace taskleak::inline v0::detail {

/// Returns `sleeps for another 3.2 s`; of several threads `sleeps for at most another 3.2 s`.
inline std::string end_of_wait_in_words(state of, std::chrono::nanoseconds left, std::size_t threads = 1) {
  std::string words = of == state::sleep ? "sleeps" : "waits";
  words += threads == 1 ? " for another " : " for at most another ";
  append_duration(words, left);
  return words;
}

/// Returns `woke 40 times and went back to the same wait`; of several threads `woke up to 40 times and ...`.
inline std::string polling_in_words(std::size_t wakes, std::size_t threads = 1) {
  return fmt::format("woke {}{} times and went back to the same wait", threads == 1 ? "" : "up to ", wakes);
}

/// Returns the reason of the verdict of all stragglers of the group.
inline std::string reason_of(const straggler_group& group) {
  const straggler& s = *group.first;
  if (s.verdict == verdict::self_ending && group.time_left) return end_of_wait_in_words(s.state, *group.time_left, group.count());
  if (s.verdict == verdict::polling && group.wakes != 0) return polling_in_words(group.wakes, group.count());
  return s.reason;
}

}  // namespace taskleak::inline v0::detail

#endif
