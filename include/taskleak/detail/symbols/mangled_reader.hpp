// SPDX-License-Identifier: MIT
/// \file Reads the characters and numbers that mangled names are made of.
#ifndef TASKLEAK_DETAIL_SYMBOLS_MANGLED_READER_HPP
#define TASKLEAK_DETAIL_SYMBOLS_MANGLED_READER_HPP

#include <cstddef>
#include <string_view>

namespace taskleak::inline v0::detail {

/// Reads from the front; what cannot be read has failed, and then everything is at its end.
class mangled_reader {
 protected:
  explicit mangled_reader(std::string_view symbol) noexcept : text_(symbol) {}

  char peek(std::size_t ahead = 0) const noexcept { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool take(std::string_view word) noexcept {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  void skip(std::size_t count) noexcept {
    if (count > text_.size() - at_) return give_up();
    at_ += count;
  }
  void give_up() noexcept {
    failed_ = true;
    at_ = text_.size();
  }
  static bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
  static bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }

  /// Reads `n?[0-9]*` and returns it as it stands.
  std::string_view number() noexcept {
    const std::size_t start = at_;
    take("n");
    while (is_digit(peek())) ++at_;
    return text_.substr(start, at_ - start);
  }

  std::size_t length() noexcept {
    std::size_t value = 0;
    while (is_digit(peek()) && value <= text_.size()) value = value * 10 + static_cast<std::size_t>(text_[at_++] - '0');
    return value;
  }

  /// Reads `_` as 0, `0_` as 1 and so on, with digits of the base.
  std::size_t sequence(std::size_t base) noexcept {
    if (take("_")) return 0;
    std::size_t value = 0;
    for (; peek() != '_' && value < (std::size_t{1} << 32); ++at_) {
      const char c = peek();
      if (is_digit(c))
        value = value * base + static_cast<std::size_t>(c - '0');
      else if (base == 36 && c >= 'A' && c <= 'Z')
        value = value * base + static_cast<std::size_t>(c - 'A' + 10);
      else
        give_up();
      if (failed_) return 0;
    }
    if (!take("_")) give_up();
    return value + 1;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace taskleak::inline v0::detail

#endif
