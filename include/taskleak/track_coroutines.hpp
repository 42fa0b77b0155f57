// SPDX-License-Identifier: MIT
/// \file Tracks every coroutine of the program; the CMake target taskleak::coroutines includes it first in every source file.
///
/// All source files of a program include the header, or none: an inline coroutine of a header is one function with one frame,
/// whichever file it is compiled in. The header is empty in a file that is compiled without coroutines, as C++17.
#ifndef TASKLEAK_TRACK_COROUTINES_HPP
#define TASKLEAK_TRACK_COROUTINES_HPP

#if defined(__cpp_impl_coroutine)

#if defined(ASIO_AWAITABLE_HPP) || defined(BOOST_ASIO_AWAITABLE_HPP)
#error "include taskleak/track_coroutines.hpp before Asio: what Asio says of its coroutines has been read already"
#endif

#include <taskleak/detail/probe/coroutine/traits.hpp>

#include <coroutine>

namespace std {

/// Stands for the std::coroutine_traits of a program without taskleak. A library that specialises std::coroutine_traits, as Asio
/// does, specialises this template instead, by the macro below.
template <class R, class... Args>
struct coroutine_traits_as_written : taskleak::detail::own_promise<R> {};

}  // namespace std

/// Answers the compiler for every coroutine type that has a promise, since it is more constrained than the primary template.
template <class R, class... Args>
  requires requires { typename std::coroutine_traits_as_written<R, Args...>::promise_type; }
struct std::coroutine_traits<R, Args...>
    : taskleak::detail::promise_for<typename std::coroutine_traits_as_written<R, Args...>::promise_type, R, Args...> {};

/// Renames the template in all source text below this line. A library's specialisation names a type where ours names none, so
/// the compiler would prefer it. The compiler itself still asks std::coroutine_traits, and is told the tracked promise.
#define coroutine_traits coroutine_traits_as_written

#endif

#endif
