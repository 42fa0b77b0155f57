// SPDX-License-Identifier: MIT
/// \file Marks blocks of the heap that are taskleak's own: what they lead to is not held by the program.
///
/// The lists of a check have the addresses of what tasks wait for. A word that a function has left on the stack may be the
/// address of a block that the allocator has given to such a list since.
#ifndef TASKLEAK_DETAIL_BASE_OWN_BLOCK_HPP
#define TASKLEAK_DETAIL_BASE_OWN_BLOCK_HPP

#include <cstdint>

namespace taskleak::inline v0::detail {

/// Stands at the beginning of a block. Allocators write there when the block is freed: the mark is not seen in the next owner's.
struct own_block_mark {
  static constexpr std::uint64_t first = 0x9C3E'51D2'77A8'4B06, second = 0xE1F0'2B96'C84D'35A7;

  std::uint64_t words[2]{first, second};
};

}  // namespace taskleak::inline v0::detail

#endif
