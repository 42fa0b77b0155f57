// SPDX-License-Identifier: MIT
/// \file Writes text as HTML.
#ifndef TASKLEAK_DETAIL_REPORT_HTML_ESCAPE_HPP
#define TASKLEAK_DETAIL_REPORT_HTML_ESCAPE_HPP

#include <taskleak/detail/base/visible.hpp>

#include <string>
#include <string_view>

namespace taskleak::inline v0::detail {

/// Appends text as it is to be shown, also between the quotes of an attribute: nothing in it is markup, and a character that is
/// not fit for a page is a backslash and its number.
inline void append_html(std::string& out, std::string_view text) {
  for (const char c : on_one_line(text)) {
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
