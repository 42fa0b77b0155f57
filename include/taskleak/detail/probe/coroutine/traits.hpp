// SPDX-License-Identifier: MIT
/// \file Which promise a coroutine type has, by what its library writes, and which it gets.
#ifndef TASKLEAK_DETAIL_PROBE_COROUTINE_TRAITS_HPP
#define TASKLEAK_DETAIL_PROBE_COROUTINE_TRAITS_HPP

#include <taskleak/detail/probe/coroutine/trackable_promise.hpp>
#include <taskleak/detail/probe/coroutine/tracked_promise.hpp>

namespace taskleak::inline v0::detail {

/// What the primary template of std::coroutine_traits says: the type's own promise_type, if it has one.
template <class R>
struct own_promise {};
template <class R>
  requires requires { typename R::promise_type; }
struct own_promise<R> {
  using promise_type = typename R::promise_type;
};

/// The promise of coroutines that return R and take Args, where their library says `Promise`.
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
