// SPDX-License-Identifier: MIT
/// \file Defines what copy_pieces() of each back end copies.
#ifndef TASKLEAK_DETAIL_PLATFORM_MEMORY_PIECE_HPP
#define TASKLEAK_DETAIL_PLATFORM_MEMORY_PIECE_HPP

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// Names memory to be copied, and says whether all of the memory was.
struct memory_piece {
  std::uintptr_t from;
  void* to;
  std::size_t bytes;
  bool copied = false;
};

}  // namespace taskleak::inline v0::detail

#endif
