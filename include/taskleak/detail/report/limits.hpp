// SPDX-License-Identifier: MIT
/// \file Holds how much of a report the texts of a run show.
#ifndef TASKLEAK_DETAIL_REPORT_LIMITS_HPP
#define TASKLEAK_DETAIL_REPORT_LIMITS_HPP

#include <taskleak/report.hpp>

namespace taskleak::inline v0::detail {

/// Returns the limits of the run, which are set once, from TASKLEAK_OPTIONS, before any text is made.
inline report_limits& shown_limits() noexcept {
  static report_limits limits;
  return limits;
}

}  // namespace taskleak::inline v0::detail

#endif
