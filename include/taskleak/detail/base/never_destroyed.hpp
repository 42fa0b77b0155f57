// SPDX-License-Identifier: MIT
/// \file Makes an object at its first use that outlives every static object, without a block of the heap.
#ifndef TASKLEAK_DETAIL_BASE_NEVER_DESTROYED_HPP
#define TASKLEAK_DETAIL_BASE_NEVER_DESTROYED_HPP

#include <taskleak/detail/base/own_statics.hpp>

#include <new>

namespace taskleak::inline v0::detail {

/// Returns the one object of type T. The object is not made by new: a leak checker would find its block still in use at exit.
template <class T>
T& never_destroyed() {
  alignas(T) static unsigned char place[sizeof(T)];
  static T& only = (own_statics.add(place, sizeof place), *::new (static_cast<void*>(place)) T);
  return only;
}

}  // namespace taskleak::inline v0::detail

#endif
