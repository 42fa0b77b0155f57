// SPDX-License-Identifier: MIT
/// \file Asks which optional members a user's promise type has.
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

/// Makes the name await_transform ambiguous if the promise has it as well, be it overloaded, a template, deleted or private. No
/// object of this type is ever made.
template <class Promise>
struct await_transform_probe : Promise, has_await_transform_too {};

/// Whether the promise has any await_transform, which then has to be called for every co_await, and otherwise for none.
template <class Promise>
concept has_await_transform = !requires {
  &await_transform_probe<Promise>::await_transform;
};

/// Whether a co_await of `a` awaits `a` itself. A promise that can be no base cannot be asked for the name await_transform: an
/// `a` that its await_transform() does not take is awaited itself.
template <class Promise, class A>
constexpr bool is_awaited_as_it_is() noexcept {
  if constexpr (may_be_base<Promise>)
    return !has_await_transform<Promise>;
  else
    return !requires(Promise & promise, A && a) { promise.await_transform(static_cast<A&&>(a)); };
}
template <class Promise, class A>
concept awaits_as_it_is = is_awaited_as_it_is<Promise, A>();

/// Stands for an argument that a function with a std::source_location parameter does not take.
struct no_place {};

/// Whether await_transform() asks for the place of a co_await, by a default argument: then it has to get the true place. A
/// function that takes any argument does not ask for the place.
template <class Promise, class A>
concept takes_place_of_await = requires(Promise& promise, A&& a, std::source_location where) {
  promise.await_transform(static_cast<A&&>(a), where);
}
&&!requires(Promise & promise, A&& a) { promise.await_transform(static_cast<A&&>(a), no_place()); };

/// Whether the promise's constructor takes the coroutine's parameters. An aggregate has no such constructor, though it can be
/// made from the parameters in parentheses.
template <class Promise, class... Args>
concept takes_parameters = sizeof...(Args) > 0 && !std::is_aggregate_v<Promise> && std::is_constructible_v<Promise, Args&...>;

/// Whether a constructor asks for the place of the coroutine, by a default argument; see takes_place_of_await.
template <class Promise, class... Args>
concept takes_place_of_birth =
    std::is_constructible_v<Promise, Args&..., std::source_location> && !std::is_constructible_v<Promise, Args&..., no_place>;

/// Whether the tracked promise can make the user's promise. A promise that only friends can construct is not tracked.
template <class Promise, class... Args>
concept makeable_promise = std::is_default_constructible_v<Promise> || takes_parameters<Promise, Args...>;

}  // namespace taskleak::inline v0::detail

#endif
