// SPDX-License-Identifier: MIT
/// \file How much of a report its text shows.
#ifndef TASKLEAK_DETAIL_REPORT_LIMITS_HPP
#define TASKLEAK_DETAIL_REPORT_LIMITS_HPP

#include <cstddef>

namespace taskleak::inline v0::detail {

struct text_limits {
  std::size_t frames = 30;       ///< of one stack
  std::size_t stragglers = 100;  ///< of one report; identical ones are folded first
  std::size_t line = 200;        ///< bytes of one line: names of functions are cut to fit
};

/// Set once, from TASKLEAK_OPTIONS, before any text is made.
inline text_limits& shown_limits() noexcept {
  static text_limits limits;
  return limits;
}

}  // namespace taskleak::inline v0::detail

#endif
