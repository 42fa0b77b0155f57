// SPDX-License-Identifier: MIT
/// \file Defines the line between two blocks of a report.
#ifndef TASKLEAK_DETAIL_BASE_SEPARATOR_HPP
#define TASKLEAK_DETAIL_BASE_SEPARATOR_HPP

namespace taskleak::inline v0::detail {

/// Separates the blocks of a report. The line is not empty, since some readers of a test's output (the GoogleTest adapters of
/// VS Code among them) end a failure's message at the first empty line.
inline constexpr const char* separator_line = "  \n";

}  // namespace taskleak::inline v0::detail

#endif
