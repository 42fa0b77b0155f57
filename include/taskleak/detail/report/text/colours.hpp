// SPDX-License-Identifier: MIT
/// \file Gives the text of a report colours, and says which streams take them. Only what taskleak writes to a terminal itself has
/// colours: a test framework puts the text of a failure into its files as well.
#ifndef TASKLEAK_DETAIL_REPORT_TEXT_COLOURS_HPP
#define TASKLEAK_DETAIL_REPORT_TEXT_COLOURS_HPP

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Whether the stream is a terminal that shows colours, as no-color.org and bixense.com/clicolors have it: NO_COLOR forbids them,
/// CLICOLOR_FORCE asks for them on any stream.
inline bool takes_colours(std::FILE* stream) noexcept {
  const auto value = [](const char* name) {
    const char* const text = std::getenv(name);
    return std::string_view(text ? text : "");
  };
  if (!value("NO_COLOR").empty()) return false;
  if (const std::string_view force = value("CLICOLOR_FORCE"); !force.empty() && force != "0") return true;
  return value("TERM") != "dumb" && !value("TERM").empty() && ::isatty(::fileno(stream)) == 1;
}

/// Appends `text` between the codes of a colour; other programs' codes cannot be in it, since a report has none.
inline void append_coloured(std::string& out, std::string_view code, std::string_view text) {
  if (!text.empty()) out.append("\x1b[").append(code).append("m").append(text).append("\x1b[0m");
}

/// Returns the code of the colour in which a verdict is shown.
constexpr std::string_view colour_of_verdict(std::string_view words) noexcept {
  if (words.starts_with("deadlocked")) return "1;31";
  if (words.starts_with("orphaned")) return "1;33";
  return "1;36";
}

/// Appends one line of a report, without its end.
inline void append_coloured_line(std::string& out, std::string_view line) {
  constexpr std::string_view quiet = "2", loud = "1";
  const bool is_header = line.starts_with("thread ") || line.starts_with("coroutine ");
  const std::size_t state = is_header ? line.find(" [") : line.npos;
  const std::size_t end = state != line.npos ? line.find(']', state) : line.npos;
  if (end != line.npos) {
    append_coloured(out, loud, line.substr(0, state));
    out += line.substr(state, end + 1 - state);
    const std::string_view rest = line.substr(end + 1);
    const std::size_t word = rest.find_first_of(": ", 1);
    const std::string_view verdict = rest.substr(0, std::min(word, rest.size()));
    append_coloured(out, colour_of_verdict(verdict.substr(std::min<std::size_t>(1, verdict.size()))), verdict);
    out += rest.substr(verdict.size());
  } else if (line.starts_with("    created by ") || line.starts_with("    (")) {
    append_coloured(out, quiet, line);
  } else if (line.starts_with("    hint: ")) {
    append_coloured(out, "36", line);
  } else {
    out += line;
  }
}

/// Returns the text of a report with its first line, the names of tasks and their verdicts to be seen at once.
inline std::string with_colours(std::string_view text) {
  std::string made;
  for (bool is_first = true; !text.empty(); is_first = false) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (is_first)
      append_coloured(made, "1;31", text.substr(0, end));
    else
      append_coloured_line(made, text.substr(0, end));
    if (end < text.size()) made += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return made;
}

/// Returns the text as the stream takes it.
inline std::string coloured_for(std::FILE* stream, std::string text) { return takes_colours(stream) ? with_colours(text) : text; }

}  // namespace taskleak::inline v0::detail

#endif
