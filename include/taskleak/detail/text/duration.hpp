// SPDX-License-Identifier: MIT
/// \file Durations in words short enough for a header line.
#ifndef TASKLEAK_DETAIL_TEXT_DURATION_HPP
#define TASKLEAK_DETAIL_TEXT_DURATION_HPP

#include <fmt/format.h>

#include <chrono>
#include <iterator>
#include <string>

namespace taskleak::inline v0::detail {

/// Appends `412 ms`, `1.2 s`, `2 min 3 s` or `3 h 4 min`; always rounds down, so that a task never looks older than it is.
inline void append_duration(std::string& out, std::chrono::nanoseconds duration) {
  const long long ms = duration.count() < 0 ? 0 : duration.count() / 1'000'000;
  const long long s = ms / 1000;
  const auto to = std::back_inserter(out);
  if (s == 0)
    fmt::format_to(to, "{} ms", ms);
  else if (s < 60)
    fmt::format_to(to, "{}.{} s", s, ms / 100 % 10);
  else if (s < 3600)
    fmt::format_to(to, "{} min {} s", s / 60, s % 60);
  else
    fmt::format_to(to, "{} h {} min", s / 3600, s / 60 % 60);
}

}  // namespace taskleak::inline v0::detail

#endif
