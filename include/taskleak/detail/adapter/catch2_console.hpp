// SPDX-License-Identifier: MIT
/// \file Reports on Catch2's console, which breaks the lines of a message after 80 columns: a report goes there beside the
/// message.
#ifndef TASKLEAK_DETAIL_ADAPTER_CATCH2_CONSOLE_HPP
#define TASKLEAK_DETAIL_ADAPTER_CATCH2_CONSOLE_HPP

#include <taskleak/detail/base/requirements.hpp>
// why: first, so that what to do is the only error; Clang says what it finds in the order of the lines
#include <taskleak/detail/adapter/catch2_framework.hpp>
#include <taskleak/detail/base/separator.hpp>

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string_view>

namespace taskleak::inline v0::detail {

/// Whether the console reporter is the only one; the others get whole texts, and leave their lines as they are.
inline bool catch2_has_console_only = false;

/// Returns the part of a text that Catch2 is given: its first line if the console does not break it, else nothing.
inline std::size_t catch2_message_length(std::string_view text) {
  if (!catch2_has_console_only) return text.size();
  constexpr std::size_t longest_whole_line = 76;
  const std::size_t headline = std::min(text.find('\n'), text.size());
  return headline <= longest_whole_line ? headline : 0;
}

/// Writes what Catch2 was not given, after Catch2 has written the rest.
inline void write_to_catch2_console(std::string_view lines) {
  if (lines.starts_with('\n')) lines.remove_prefix(1);
  if (lines.starts_with(separator_line)) lines.remove_prefix(std::string_view(separator_line).size());  // Catch2 wrote one
  if (lines.empty()) return;
  std::ostream& console = catch2_console();
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    console << "  " << line << '\n';
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
  }
  console << '\n';
  console.flush();
}

}  // namespace taskleak::inline v0::detail

#endif
