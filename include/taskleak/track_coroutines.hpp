// SPDX-License-Identifier: MIT
/// \file Tracks every coroutine of the program; comes first in every source file, by the CMake target taskleak::coroutines.
///
/// All source files of a program include it, or none: an inline coroutine of a header is one function with one frame, whichever
/// file it is compiled in.
#ifndef TASKLEAK_TRACK_COROUTINES_HPP
#define TASKLEAK_TRACK_COROUTINES_HPP

#include <taskleak/coroutine.hpp>
#include <taskleak/detail/coroutine/tracked_promise.hpp>

#include <coroutine>
#include <type_traits>

namespace taskleak::inline v0::detail {

/// A final class is no base, and the promise of tracked<> is in the registry already.
template <class Promise>
concept trackable_promise = std::is_class_v<Promise> && !std::is_final_v<Promise> && std::is_destructible_v<Promise> &&
                            !std::is_base_of_v<tracks_itself, Promise> && enable_tracking<Promise>;

}  // namespace taskleak::inline v0::detail

/// More constrained than the primary template, and so chosen for every coroutine type that has a promise_type.
template <class R, class... Args>
  requires taskleak::detail::trackable_promise<typename R::promise_type>
struct std::coroutine_traits<R, Args...> {
  using promise_type = taskleak::detail::tracked_promise<typename R::promise_type>;
};

#endif
