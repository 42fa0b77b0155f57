// SPDX-License-Identifier: MIT
/// \file Tracks every coroutine of the program; comes first in every source file, by the CMake target taskleak::coroutines.
///
/// All source files of a program include it, or none: an inline coroutine of a header is one function with one frame, whichever
/// file it is compiled in. In a file that is compiled without coroutines, as C++17, it is empty.
#ifndef TASKLEAK_TRACK_COROUTINES_HPP
#define TASKLEAK_TRACK_COROUTINES_HPP

#if defined(__cpp_impl_coroutine)

#if defined(ASIO_AWAITABLE_HPP) || defined(BOOST_ASIO_AWAITABLE_HPP)
#error "include taskleak/track_coroutines.hpp before Asio: what Asio says of its coroutines has been read already"
#endif

#include <taskleak/detail/probe/coroutine/traits.hpp>

#include <coroutine>

namespace std {

/// What std::coroutine_traits would be without taskleak: libraries that have a word on their coroutines, as Asio has, specialise
/// this one, by the macro below.
template <class R, class... Args>
struct coroutine_traits_as_written : taskleak::detail::own_promise<R> {};

}  // namespace std

/// More constrained than the primary template, and so what the compiler asks about every coroutine type that has a promise.
template <class R, class... Args>
  requires requires { typename std::coroutine_traits_as_written<R, Args...>::promise_type; }
struct std::coroutine_traits<R, Args...>
    : taskleak::detail::promise_for<typename std::coroutine_traits_as_written<R, Args...>::promise_type, R, Args...> {};

/// A specialisation of a library would go before ours, since it names a type where ours names none. So the source text behind
/// this line speaks of another template, and the compiler, which means std::coroutine_traits itself, is told the tracked promise.
#define coroutine_traits coroutine_traits_as_written

#endif

#endif
