// SPDX-License-Identifier: MIT
/// \file Spells the version of taskleak, for formats that name the tool that wrote them.
#ifndef TASKLEAK_DETAIL_REPORT_VERSION_TEXT_HPP
#define TASKLEAK_DETAIL_REPORT_VERSION_TEXT_HPP

#include <taskleak/version.hpp>

#include <string>

namespace taskleak::inline v0::detail {

/// Returns `0.1.0`.
inline std::string version_text() {
  return std::to_string(TASKLEAK_VERSION_MAJOR) + '.' + std::to_string(TASKLEAK_VERSION_MINOR) + '.' +
         std::to_string(TASKLEAK_VERSION_PATCH);
}

}  // namespace taskleak::inline v0::detail

#endif
