// SPDX-License-Identifier: MIT
/// \file Tracks the coroutines of Boost.Asio, whose return type is boost::asio::awaitable.
///
/// As taskleak/adapters/asio.hpp does for Asio. taskleak/track_coroutines.hpp includes it where Boost.Asio is found.
#ifndef TASKLEAK_ADAPTERS_BOOST_ASIO_HPP
#define TASKLEAK_ADAPTERS_BOOST_ASIO_HPP

#include <taskleak/adapters/coroutine_traits.hpp>

#include <coroutine>

// Where Asio has been included, the names may be in an inline namespace, and another declaration would make them ambiguous.
#if !defined(BOOST_ASIO_AWAITABLE_HPP) || !defined(BOOST_ASIO_HAS_CO_AWAIT)
// why: Asio declares them so, and the first declaration counts with -fvisibility=hidden
#pragma GCC visibility push(default)
namespace boost::asio {

template <typename, typename>
class awaitable;

namespace detail {
template <typename, typename>
class awaitable_frame;
}  // namespace detail

}  // namespace boost::asio
#pragma GCC visibility pop
#endif

/// More constrained than Asio's own, and otherwise the same.
template <class T, class Executor, class... Args>
  requires taskleak::trackable_promise<boost::asio::detail::awaitable_frame<T, Executor>>
struct std::coroutine_traits<boost::asio::awaitable<T, Executor>, Args...> {
  using promise_type =
      taskleak::tracked_promise<boost::asio::detail::awaitable_frame<T, Executor>, boost::asio::awaitable<T, Executor>>;
};

#endif
