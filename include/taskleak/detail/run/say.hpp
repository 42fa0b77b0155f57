// SPDX-License-Identifier: MIT
/// \file Says on stderr, beside the failures of tests, what a run has to say.
#ifndef TASKLEAK_DETAIL_RUN_SAY_HPP
#define TASKLEAK_DETAIL_RUN_SAY_HPP

#include <taskleak/detail/base/visible.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace taskleak::inline v0::detail {

inline void say(const std::string& line) { std::fprintf(stderr, "taskleak: %s\n", on_one_line(line).c_str()); }

/// Says the text unless it is empty.
inline void say_if_any(const char* line) {
  if (*line != '\0') say(line);
}

/// Writes each line of the text as say() does.
inline void say_lines(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    say(std::string(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

[[noreturn]] inline void end_for_bad_input(const std::vector<std::string>& errors) {
  for (const std::string& error : errors) say(error);
  std::fflush(nullptr);
  std::exit(2);
}

}  // namespace taskleak::inline v0::detail

#endif
