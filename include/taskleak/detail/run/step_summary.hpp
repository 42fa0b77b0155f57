// SPDX-License-Identifier: MIT
/// \file Appends to the file that a GitHub workflow shows as the summary of its step.
#ifndef TASKLEAK_DETAIL_RUN_STEP_SUMMARY_HPP
#define TASKLEAK_DETAIL_RUN_STEP_SUMMARY_HPP

#include <taskleak/detail/base/text.hpp>
#include <taskleak/detail/platform/appended_file.hpp>

#include <fmt/core.h>

#include <cstdlib>
#include <string>

namespace taskleak::inline v0::detail {

/// Appends to the file that GITHUB_STEP_SUMMARY names, if it is set; many test programs may do so at the same time. Returns what
/// went wrong, or an empty text.
inline std::string append_to_step_summary(const std::string& markdown) {
  const char* const path = std::getenv("GITHUB_STEP_SUMMARY");
  if (!path || !*path) return {};
  const int error = append_to_file(path, markdown);
  if (error == 0) return {};
  return fmt::format("cannot write the summary '{}', which GITHUB_STEP_SUMMARY names: {}", path, system_message(error));
}

}  // namespace taskleak::inline v0::detail

#endif
