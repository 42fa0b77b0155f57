// SPDX-License-Identifier: MIT
/// \file What a user's promise type has of the members that a promise may have or not.
#ifndef TASKLEAK_DETAIL_COROUTINE_PROMISE_MEMBERS_HPP
#define TASKLEAK_DETAIL_COROUTINE_PROMISE_MEMBERS_HPP

#include <source_location>
#include <type_traits>

namespace taskleak::inline v0::detail {

struct has_await_transform_too {
  void await_transform();
};

/// Never made. The name is ambiguous in it if the promise has it as well, be it overloaded, a template, deleted or private.
template <class Promise>
struct await_transform_probe : Promise, has_await_transform_too {};

/// A promise with any await_transform has to be asked for every co_await; one without must not be.
template <class Promise>
concept has_await_transform = !requires { &await_transform_probe<Promise>::await_transform; };

/// A library that wants to know the place of a co_await itself, by a default argument, has to get the true one.
template <class Promise, class A>
concept takes_place_of_await = requires(Promise& promise, A&& a, std::source_location where) {
  promise.await_transform(static_cast<A&&>(a), where);
};

/// The type of the only parameter that yield_value() must be given, where there is one yield_value() and no template.
template <class R, class P, class A, class... More>
A parameter_of_yield(R (P::*)(A, More...));
template <class R, class P, class A, class... More>
A parameter_of_yield(R (P::*)(A, More...) const);
template <class R, class P, class A, class... More>
A parameter_of_yield(R (P::*)(A, More...) &);
template <class R, class P, class A, class... More>
A parameter_of_yield(R (P::*)(A, More...) const&);
template <class R, class A, class... More>
A parameter_of_yield(R (*)(A, More...));

/// Whether co_yield can be seen without a change to what it takes: `co_yield {1, 2}` has no type from which a template could tell
/// which of several functions is meant.
template <class Promise>
concept has_one_yield_value = requires { parameter_of_yield(&Promise::yield_value); };

/// What `co_yield {1, 2}` makes of its braces: T such that T&& is the parameter's type, or binds what the parameter is made from.
template <class Promise, class A = decltype(parameter_of_yield(&Promise::yield_value))>
using yielded = std::conditional_t<std::is_reference_v<A> || !std::is_copy_constructible_v<A>, A, const A&>;

/// Whether the promise's constructor takes the coroutine's parameters. An aggregate has no constructor that does, though it can be
/// made from them in parentheses.
template <class Promise, class... Args>
concept takes_parameters = sizeof...(Args) > 0 && !std::is_aggregate_v<Promise> && std::is_constructible_v<Promise, Args&...>;

}  // namespace taskleak::inline v0::detail

#endif
