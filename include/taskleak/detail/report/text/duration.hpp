// SPDX-License-Identifier: MIT
/// \file Puts durations into words short enough for a header line.
#ifndef TASKLEAK_DETAIL_REPORT_TEXT_DURATION_HPP
#define TASKLEAK_DETAIL_REPORT_TEXT_DURATION_HPP

#include <fmt/core.h>

#include <chrono>
#include <string>

namespace taskleak::inline v0::detail {

/// Appends `412 ms`, `1.2 s`, `2 min 3 s` or `3 h 4 min`; always rounds down, so that a task never looks older than it is.
inline void append_duration(std::string& out, std::chrono::nanoseconds duration) {
  const long long ms = duration.count() < 0 ? 0 : duration.count() / 1'000'000;
  const long long s = ms / 1000;
  if (s == 0)
    out += fmt::format("{} ms", ms);
  else if (s < 60)
    out += fmt::format("{}.{} s", s, ms / 100 % 10);
  else if (s < 3600)
    out += fmt::format("{} min {} s", s / 60, s % 60);
  else
    out += fmt::format("{} h {} min", s / 3600, s / 60 % 60);
}

}  // namespace taskleak::inline v0::detail

#endif
