// SPDX-License-Identifier: MIT
/// \file Tracks the coroutines of Asio, whose return type is asio::awaitable.
///
/// Asio itself says what the promise of asio::awaitable is, in a specialisation of std::coroutine_traits, and so the one of
/// taskleak/track_coroutines.hpp is not asked. That header includes this one where it can tell that Asio is used. Elsewhere
/// include it in every file that has such coroutines, or in none, before or behind Asio's headers; it includes none of them.
#ifndef TASKLEAK_ADAPTERS_ASIO_HPP
#define TASKLEAK_ADAPTERS_ASIO_HPP

#include <taskleak/adapters/coroutine_traits.hpp>

#include <coroutine>

// Where Asio has been included, the names may be in an inline namespace, and another declaration would make them ambiguous.
#if !defined(ASIO_AWAITABLE_HPP) || !defined(ASIO_HAS_CO_AWAIT)
// why: Asio declares them so, and the first declaration counts with -fvisibility=hidden
#pragma GCC visibility push(default)
namespace asio {

template <typename, typename>
class awaitable;

namespace detail {
template <typename, typename>
class awaitable_frame;
}  // namespace detail

}  // namespace asio
#pragma GCC visibility pop
#endif

/// More constrained than Asio's own, and otherwise the same.
template <class T, class Executor, class... Args>
  requires taskleak::trackable_promise<asio::detail::awaitable_frame<T, Executor>>
struct std::coroutine_traits<asio::awaitable<T, Executor>, Args...> {
  using promise_type = taskleak::tracked_promise<asio::detail::awaitable_frame<T, Executor>, asio::awaitable<T, Executor>>;
};

#endif
