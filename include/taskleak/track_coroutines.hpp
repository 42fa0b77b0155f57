// SPDX-License-Identifier: MIT
/// \file Tracks every coroutine of the program; comes first in every source file, by the CMake target taskleak::coroutines.
///
/// All source files of a program include it, or none: an inline coroutine of a header is one function with one frame, whichever
/// file it is compiled in. In a file that is compiled without coroutines, as C++17, it is empty.
#ifndef TASKLEAK_TRACK_COROUTINES_HPP
#define TASKLEAK_TRACK_COROUTINES_HPP

#if defined(__cpp_impl_coroutine)

#include <taskleak/detail/coroutine/trackable_promise.hpp>
#include <taskleak/detail/coroutine/tracked_promise.hpp>

#include <coroutine>

/// More constrained than the primary template, and so chosen for every coroutine type that has a promise_type.
template <class R, class... Args>
  requires taskleak::detail::trackable_promise<typename R::promise_type> &&
      taskleak::detail::makeable_promise<typename R::promise_type, Args...>
struct std::coroutine_traits<R, Args...> {
  using promise_type = taskleak::detail::tracked_promise<typename R::promise_type, R, Args...>;
};

// Where a library is at hand, its adapter is included, which declares two names of it and nothing more. Define
// TASKLEAK_TRACK_BOOST_ASIO or TASKLEAK_TRACK_ASIO as 1 or 0, the same for all source files, to decide otherwise.
#if !defined(TASKLEAK_TRACK_BOOST_ASIO)
#if __has_include(<boost/asio/awaitable.hpp>) && !defined(BOOST_ASIO_ENABLE_VERSION_NAMESPACE) && \
    !defined(BOOST_ASIO_VERSION_NAMESPACE)
#define TASKLEAK_TRACK_BOOST_ASIO 1
#else
#define TASKLEAK_TRACK_BOOST_ASIO 0
#endif
#endif
#if TASKLEAK_TRACK_BOOST_ASIO
#include <taskleak/adapters/boost_asio.hpp>
#endif

// why: many a user of Boost has `namespace asio = boost::asio;`, which must not meet a namespace of that name
#if !defined(TASKLEAK_TRACK_ASIO)
#if __has_include(<asio/awaitable.hpp>) && (defined(ASIO_STANDALONE) || !__has_include(<boost/asio/awaitable.hpp>)) && \
    !defined(ASIO_ENABLE_VERSION_NAMESPACE) && !defined(ASIO_VERSION_NAMESPACE)
#define TASKLEAK_TRACK_ASIO 1
#else
#define TASKLEAK_TRACK_ASIO 0
#endif
#endif
#if TASKLEAK_TRACK_ASIO
#include <taskleak/adapters/asio.hpp>
#endif

#endif

#endif
