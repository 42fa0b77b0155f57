// SPDX-License-Identifier: MIT
/// \file Writes text as HTML.
#ifndef TASKLEAK_DETAIL_REPORT_HTML_ESCAPE_HPP
#define TASKLEAK_DETAIL_REPORT_HTML_ESCAPE_HPP

#include <taskleak/detail/base/visible.hpp>

#include <string>
#include <string_view>

namespace taskleak::inline v0::detail {

/// Appends text of which nothing is markup, also between the quotes of an attribute. Its lines stay lines.
inline void append_html_text(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
}

/// Appends text on one line, in which a character that is not fit for a page is a backslash and its number.
inline void append_html(std::string& out, std::string_view text) { append_html_text(out, on_one_line(text)); }

inline std::string as_html(std::string_view text) {
  std::string made;
  append_html(made, text);
  return made;
}

/// Appends `<name class="kind">text</name>`.
inline void append_element(std::string& out, std::string_view name, std::string_view kind, std::string_view text) {
  out.append("<").append(name).append(" class=\"").append(kind).append("\">");
  append_html(out, text);
  out.append("</").append(name).append(">");
}

}  // namespace taskleak::inline v0::detail

#endif
