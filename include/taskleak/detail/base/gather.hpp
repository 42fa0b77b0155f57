// SPDX-License-Identifier: MIT
/// \file Copies entries out of a locked list, and allocates only outside of the lock.
#ifndef TASKLEAK_DETAIL_BASE_GATHER_HPP
#define TASKLEAK_DETAIL_BASE_GATHER_HPP

#include <taskleak/detail/base/light_vector.hpp>

#include <cstddef>

namespace taskleak::inline v0::detail {

/// Returns copies of all entries of a walk. `walk(found)` takes the locks and calls `found(copy)` for each entry; `copy(to)`
/// makes the copy, if there is room. Room is made outside of the locks, and the walk is repeated if there are more entries than
/// room.
template <class T, class Walk>
light_vector<T> gather(Walk&& walk) {
  light_vector<T> copies;
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
