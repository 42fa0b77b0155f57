// SPDX-License-Identifier: MIT
/// \file Tells where a co_await stands, by a default argument that takes no room in the coroutine's frame.
#ifndef TASKLEAK_DETAIL_PROBE_COROUTINE_HERE_HPP
#define TASKLEAK_DETAIL_PROBE_COROUTINE_HERE_HPP

#include <source_location>

#if defined(__has_builtin)
#if __has_builtin(__builtin_source_location)
#define TASKLEAK_HERE __builtin_source_location()
#endif
#endif

namespace taskleak::inline v0::detail {

#if defined(TASKLEAK_HERE)
/// Points to the data of a std::source_location; with GCC's library and with LLVM's a std::source_location is just this pointer.
/// GCC keeps an argument of class type in the frame during a suspension, eight bytes for each co_await, but not a pointer.
using await_place = const void*;
inline std::source_location location_of(await_place place) noexcept { return __builtin_bit_cast(std::source_location, place); }
#else
#define TASKLEAK_HERE std::source_location::current()
using await_place = std::source_location;
inline std::source_location location_of(await_place place) noexcept { return place; }
#endif

}  // namespace taskleak::inline v0::detail

#endif
