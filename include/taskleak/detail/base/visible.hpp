// SPDX-License-Identifier: MIT
/// \file Makes text from outside (names, labels, paths, an exception's words) fit for a report: valid UTF-8 on one line, without
/// anything that a terminal or an XML reader would take for a command or an error.
#ifndef TASKLEAK_DETAIL_BASE_VISIBLE_HPP
#define TASKLEAK_DETAIL_BASE_VISIBLE_HPP

#include <cstddef>
#include <string>
#include <string_view>

namespace taskleak::inline v0::detail {

/// Whether a character of Unicode would have another effect than being shown.
///
/// Such are control characters, C1 among them (U+009B begins a terminal's command as ESC [ does); the separators of lines and
/// paragraphs; characters that turn the direction of writing, by which one name can look like another; and the two characters
/// that XML 1.0 refuses (its production 2, Char).
constexpr bool is_command_character(char32_t c) noexcept {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfffe ||
         c == 0xffff;
}

/// Returns how many bytes the text's first character has; 0 if it is no UTF-8, or a character that must not be shown.
constexpr std::size_t shown_character_size(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return is_command_character(first) ? 0 : 1;
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return 0;
  char32_t c = first & (0xffu >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    c = c << 6 | (byte(i) & 0x3fu);
  }
  constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = c >= 0xd800 && c <= 0xdfff;
  if (c < smallest[size] || c > 0x10ffff || is_surrogate || is_command_character(c)) return 0;
  return size;
}

/// Hands the text on in pieces, by `put(piece)`: characters that may be shown as they are, any other byte as a backslash and
/// `xNN`. Allocates nothing itself.
template <class Put>
void make_visible(std::string_view text, Put&& put) {
  std::size_t as_it_is = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] >= ' ' && text[at] < 0x7f) {  // nearly all of them: reports of many tasks are long
      ++at;
      continue;
    }
    if (const std::size_t size = shown_character_size(text.substr(at))) {
      at += size;
      continue;
    }
    if (at > as_it_is) put(text.substr(as_it_is, at - as_it_is));
    const unsigned byte = static_cast<unsigned char>(text[at]);
    const char escape[4] = {'\\', 'x', "0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
    put(std::string_view(escape, sizeof escape));
    as_it_is = ++at;
  }
  if (as_it_is < text.size()) put(text.substr(as_it_is));
}

/// Appends text that may hold anything, such as a thread's name, without breaking the line.
inline void append_on_one_line(std::string& out, std::string_view text) {
  make_visible(text, [&](std::string_view piece) { out.append(piece); });
}

/// Returns the text on one line.
inline std::string on_one_line(std::string_view text) {
  std::string line;
  append_on_one_line(line, text);
  return line;
}

}  // namespace taskleak::inline v0::detail

#endif
