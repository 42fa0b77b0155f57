// SPDX-License-Identifier: MIT
/// \file Copies of what a walk under locks comes by, where nothing may be allocated.
#ifndef TASKLEAK_DETAIL_BASE_GATHER_HPP
#define TASKLEAK_DETAIL_BASE_GATHER_HPP

#include <cstddef>
#include <vector>

namespace taskleak::inline v0::detail {

/// `walk(found)` calls `found(copy)` for each, and `copy(to)` makes the copy, if there is room. Room is made outside the locks,
/// and made again when more have come meanwhile.
template <class T, class Walk>
std::vector<T> gather(Walk&& walk) {
  std::vector<T> copies;
  for (std::size_t room = 16;;) {
    copies.resize(room);
    std::size_t count = 0;
    walk([&](auto&& copy) {
      if (count < copies.size()) copy(copies[count]);
      ++count;
    });
    if (count <= room) {
      copies.resize(count);
      return copies;
    }
    room = count + count / 4;
  }
}

}  // namespace taskleak::inline v0::detail

#endif
