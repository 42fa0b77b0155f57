// SPDX-License-Identifier: MIT
/// \file Writes numbers as digits where nothing may be allocated, or where many numbers are written.
#ifndef TASKLEAK_DETAIL_BASE_DIGITS_HPP
#define TASKLEAK_DETAIL_BASE_DIGITS_HPP

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace taskleak::inline v0::detail {

/// Holds a number's digits in base 10, or in another base up to 16.
class digits {
 public:
  explicit constexpr digits(std::uint64_t number, unsigned base = 10) noexcept {
    do text_[--first_] = "0123456789abcdef"[number % base];
    while ((number /= base) != 0);
  }

  constexpr std::string_view view() const noexcept { return {text_ + first_, sizeof text_ - first_}; }

 private:
  char text_[64] = {};
  std::size_t first_ = sizeof text_;
};

}  // namespace taskleak::inline v0::detail

#endif
