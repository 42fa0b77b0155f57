// SPDX-License-Identifier: MIT
/// \file What a user's promise type has of the members that a promise may have or not.
#ifndef TASKLEAK_DETAIL_PROBE_COROUTINE_PROMISE_MEMBERS_HPP
#define TASKLEAK_DETAIL_PROBE_COROUTINE_PROMISE_MEMBERS_HPP

#include <source_location>
#include <type_traits>

namespace taskleak::inline v0::detail {

/// Whether a class can be derived from the user's promise type.
template <class Promise>
concept may_be_base = std::is_class_v<Promise> && !std::is_final_v<Promise>;

struct has_await_transform_too {
  void await_transform();
};

/// Never made. The name is ambiguous in it if the promise has it as well, be it overloaded, a template, deleted or private.
template <class Promise>
struct await_transform_probe : Promise, has_await_transform_too {};

/// A promise with any await_transform has to be asked for every co_await; one without must not be.
template <class Promise>
concept has_await_transform = !requires {
  &await_transform_probe<Promise>::await_transform;
};

/// Whether a co_await of `a` awaits that itself. A promise that can be no base cannot be asked for the name: what its
/// await_transform() does not take is awaited as it is there.
template <class Promise, class A>
constexpr bool is_awaited_as_it_is() noexcept {
  if constexpr (may_be_base<Promise>)
    return !has_await_transform<Promise>;
  else
    return !requires(Promise & promise, A && a) { promise.await_transform(static_cast<A&&>(a)); };
}
template <class Promise, class A>
concept awaits_as_it_is = is_awaited_as_it_is<Promise, A>();

/// What no function takes that asks for a place.
struct no_place {};

/// A library that wants to know the place of a co_await itself, by a default argument, has to get the true one. A function that
/// takes anything does not ask for it.
template <class Promise, class A>
concept takes_place_of_await = requires(Promise& promise, A&& a, std::source_location where) {
  promise.await_transform(static_cast<A&&>(a), where);
}
&&!requires(Promise & promise, A&& a) { promise.await_transform(static_cast<A&&>(a), no_place()); };

/// Whether the promise's constructor takes the coroutine's parameters. An aggregate has no constructor that does, though it can
/// be made from them in parentheses.
template <class Promise, class... Args>
concept takes_parameters = sizeof...(Args) > 0 && !std::is_aggregate_v<Promise> && std::is_constructible_v<Promise, Args&...>;

/// Whether a constructor asks for the place of the coroutine, by a default argument; see takes_place_of_await.
template <class Promise, class... Args>
concept takes_place_of_birth =
    std::is_constructible_v<Promise, Args&..., std::source_location> && !std::is_constructible_v<Promise, Args&..., no_place>;

/// Whether we can make it: one that only friends can make is left alone.
template <class Promise, class... Args>
concept makeable_promise = std::is_default_constructible_v<Promise> || takes_parameters<Promise, Args...>;

}  // namespace taskleak::inline v0::detail

#endif
