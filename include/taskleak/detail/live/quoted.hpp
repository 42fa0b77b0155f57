// SPDX-License-Identifier: MIT
/// \file Writes text between quotes, as JSON and Prometheus' text format have it.
#ifndef TASKLEAK_DETAIL_LIVE_QUOTED_HPP
#define TASKLEAK_DETAIL_LIVE_QUOTED_HPP

#include <taskleak/detail/base/visible.hpp>

#include <string>
#include <string_view>

namespace taskleak::inline v0::detail {

/// Appends a string with its quotes: a backslash and a quote are escaped, and nothing in it breaks the line.
inline void append_quoted(std::string& out, std::string_view text) {
  out.push_back('"');
  make_visible(text, [&](std::string_view piece) {
    for (const char c : piece) {
      if (c == '"' || c == '\\') out.push_back('\\');
      out.push_back(c);
    }
  });
  out.push_back('"');
}

}  // namespace taskleak::inline v0::detail

#endif
