// SPDX-License-Identifier: MIT
/// \file Says which promise a coroutine type has by its library, and which promise it gets.
#ifndef TASKLEAK_DETAIL_PROBE_COROUTINE_TRAITS_HPP
#define TASKLEAK_DETAIL_PROBE_COROUTINE_TRAITS_HPP

#include <taskleak/detail/probe/coroutine/trackable_promise.hpp>
#include <taskleak/detail/probe/coroutine/tracked_promise.hpp>

namespace taskleak::inline v0::detail {

/// Says what the primary template of std::coroutine_traits says: the type's own promise_type, if there is one.
template <class R>
struct own_promise {};
template <class R>
  requires requires { typename R::promise_type; }
struct own_promise<R> {
  using promise_type = typename R::promise_type;
};

/// Chooses the promise of coroutines that return R and take Args, where their library says `Promise`.
template <class Promise, class R, class... Args>
struct promise_for {
  using promise_type = Promise;
};
template <class Promise, class R, class... Args>
  requires trackable_promise<Promise> && makeable_promise<Promise, Args...>
struct promise_for<Promise, R, Args...> {
  using promise_type = tracked_promise<Promise, R, Args...>;
};

}  // namespace taskleak::inline v0::detail

#endif
