// SPDX-License-Identifier: MIT
/// \file An object that is made at its first use and outlives every static one, without a block of the heap.
#ifndef TASKLEAK_DETAIL_BASE_NEVER_DESTROYED_HPP
#define TASKLEAK_DETAIL_BASE_NEVER_DESTROYED_HPP

#include <new>

namespace taskleak::inline v0::detail {

/// Returns the one object of its type. Leak checkers find no block that is still in use at exit, as they would if it was new'ed.
template <class T>
T& never_destroyed() {
  alignas(T) static unsigned char place[sizeof(T)];
  static T& only = *::new (static_cast<void*>(place)) T;
  return only;
}

}  // namespace taskleak::inline v0::detail

#endif
