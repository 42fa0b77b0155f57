// SPDX-License-Identifier: MIT
/// \file Where a co_await stands, as a default argument that takes no room in the coroutine's frame.
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
/// GCC keeps an argument of class type in the frame while the coroutine is suspended, eight bytes for each co_await, and a
/// pointer not. A std::source_location is this pointer, with GCC's library and with LLVM's.
using await_place = const void*;
inline std::source_location location_of(await_place place) noexcept { return __builtin_bit_cast(std::source_location, place); }
#else
#define TASKLEAK_HERE std::source_location::current()
using await_place = std::source_location;
inline std::source_location location_of(await_place place) noexcept { return place; }
#endif

}  // namespace taskleak::inline v0::detail

#endif
