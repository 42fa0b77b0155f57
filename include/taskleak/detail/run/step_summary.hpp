// SPDX-License-Identifier: MIT
/// \file Appends to the file that a GitHub workflow shows as the summary of its step.
#ifndef TASKLEAK_DETAIL_RUN_STEP_SUMMARY_HPP
#define TASKLEAK_DETAIL_RUN_STEP_SUMMARY_HPP

#include <taskleak/detail/base/text.hpp>

#include <fmt/core.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Appends to the file that GITHUB_STEP_SUMMARY names, if it is set. Returns what went wrong, or an empty text.
///
/// Many test programs may append at the same time: one write(2) to a file opened with O_APPEND is not torn apart by another.
inline std::string append_to_step_summary(const std::string& markdown) {
  const char* const path = std::getenv("GITHUB_STEP_SUMMARY");
  if (!path || !*path) return {};
  const auto failed = [&](int error) {
    return fmt::format("cannot write the summary '{}', which GITHUB_STEP_SUMMARY names: {}", path, system_message(error));
  };
  // why O_NONBLOCK: a named pipe without a reader must not hold up the end of the run
  const int file = ::open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
  if (file < 0) return failed(errno);
  ssize_t put = 0;
  do put = ::write(file, markdown.data(), markdown.size());
  while (put < 0 && errno == EINTR);
  const int error = put < 0 ? errno : static_cast<std::size_t>(put) < markdown.size() ? ENOSPC : 0;
  ::close(file);
  return error ? failed(error) : std::string();
}

}  // namespace taskleak::inline v0::detail

#endif
