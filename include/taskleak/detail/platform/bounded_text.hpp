// SPDX-License-Identifier: MIT
/// \file Holds what is read of a file up to a limit.
#ifndef TASKLEAK_DETAIL_PLATFORM_BOUNDED_TEXT_HPP
#define TASKLEAK_DETAIL_PLATFORM_BOUNDED_TEXT_HPP

#include <fmt/core.h>

#include <cstddef>
#include <string>

namespace taskleak::inline v0::detail {

inline std::string too_large(std::size_t most) {
  return fmt::format("it is larger than {} bytes, which is the most that is read", most);
}

struct bounded_text {
  std::string text;
  std::string error;  ///< why the file could not be read; empty when it was read
};

}  // namespace taskleak::inline v0::detail

#endif
