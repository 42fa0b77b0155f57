// SPDX-License-Identifier: MIT
/// \file What a user's yield_value() takes, so that ours takes the same: what it is given by reference has to outlive the
/// suspension.
#ifndef TASKLEAK_DETAIL_PROBE_COROUTINE_YIELD_VALUE_HPP
#define TASKLEAK_DETAIL_PROBE_COROUTINE_YIELD_VALUE_HPP

#include <taskleak/detail/probe/coroutine/promise_members.hpp>

#include <concepts>
#include <source_location>
#include <type_traits>
#include <utility>

namespace taskleak::inline v0::detail {

struct has_yield_value_too {
  void yield_value();
};

template <class Promise>
struct yield_value_probe : Promise, has_yield_value_too {};

/// One that can be no base is taken to have it: without, a co_yield is an error in any case.
template <class Promise>
concept has_yield_value = !may_be_base<Promise> || !requires {
  &yield_value_probe<Promise>::yield_value;
};

template <class Promise, class T>
concept takes_place_of_yield = requires(Promise& promise, T&& value, std::source_location where) {
  promise.yield_value(static_cast<T&&>(value), where);
}
&&!requires(Promise & promise, T&& value) { promise.yield_value(static_cast<T&&>(value), no_place()); };

struct not_known {};

/// The type of the only parameter that a member function must be given, where there is one of its name and no template.
template <class R, class P, class A, class... More>
A only_parameter(R (P::*)(A, More...));
template <class R, class P, class A, class... More>
A only_parameter(R (P::*)(A, More...) const);
template <class R, class P, class A, class... More>
A only_parameter(R (P::*)(A, More...) &);
template <class R, class P, class A, class... More>
A only_parameter(R (P::*)(A, More...) const&);
template <class R, class A, class... More>
A only_parameter(R (*)(A, More...));

/// No argument of a user's.
struct rival_of_yield {};

/// With a function beside the user's.
template <class Promise>
struct yields_nothing_too : Promise {
  using Promise::yield_value;
  void yield_value(rival_of_yield);
};

template <class Promise>
concept names_yield_value = requires {
  typename std::type_identity<decltype(&Promise::yield_value)>;
};

/// Clang names one of several functions where its constraint is the strictest. Where one more makes no name of it, it has no
/// constraint: then there is no other.
template <class Promise>
concept names_strictest_yield_value = !may_be_base<Promise> || names_yield_value<yields_nothing_too<Promise>>;

// why: not only_parameter(&Promise::yield_value) at once. Clang, deducing from the address of several functions, compiles the
// body of each that returns auto, also where its constraint is not met
template <class Promise>
concept has_one_yield_value = has_yield_value<Promise> && names_yield_value<Promise> && requires {
  only_parameter(std::declval<decltype(&Promise::yield_value)>());
} &&(!names_strictest_yield_value<Promise> || requires { only_parameter(&Promise::yield_value); });

template <class Promise>
constexpr auto parameter_of_only_yield() noexcept {
  if constexpr (has_one_yield_value<Promise>)
    return std::type_identity<decltype(only_parameter(std::declval<decltype(&Promise::yield_value)>()))>();
  else
    return std::type_identity<not_known&&>();
}
template <class Promise>
using yield_parameter = typename decltype(parameter_of_only_yield<Promise>())::type;

/// `co_yield "text"` makes a std::string of the text at the co_yield, where yield_value() takes a reference to one.
template <class Promise>
concept yields_by_reference = has_one_yield_value<Promise> && std::is_reference_v<yield_parameter<Promise>>;

/// What `co_yield {1, 2}` makes of its braces where the only yield_value() takes a value: T&& binds what that is made from.
template <class Promise>
using yielded_by_value = std::conditional_t<std::is_copy_constructible_v<yield_parameter<Promise>>,
                                            const yield_parameter<Promise>&, yield_parameter<Promise>>;

template <class Promise>
concept yields_by_value = has_one_yield_value<Promise> && !yields_by_reference<Promise>;

// ---- several functions, or a template

template <class Promise>
concept yields_in_several_ways = has_yield_value<Promise> && !has_one_yield_value<Promise>;

template <class Promise, class T>
using yield_result = decltype(std::declval<Promise&>().yield_value(std::declval<T>()));

/// With a function beside the user's that takes anything without a conversion. One of the user's that does so too is as good as
/// one of the two, at least: they are static, so that it does not matter whether the user's is const, and end with a pack, which
/// no compiler prefers.
template <class Promise>
struct yields_any_too : Promise {
  using Promise::yield_value;
  template <class U, class... None>
  static rival_of_yield yield_value(U&&, None...);
};
template <class Promise>
struct yields_any_const_too : Promise {
  using Promise::yield_value;
  template <class U, class... None>
  static rival_of_yield yield_value(const U&, None...);
};

template <class Promise, class T>
concept yields_to_rivals = requires {
  requires std::same_as<yield_result<yields_any_too<Promise>, T>, rival_of_yield>;
  requires std::same_as<yield_result<yields_any_const_too<Promise>, T>, rival_of_yield>;
};

template <class Promise, class Result, class Parameter>
concept has_yield_overload = requires {
  static_cast<Result (Promise::*)(Parameter)>(&Promise::yield_value);
}
|| requires { static_cast<Result (*)(Parameter)>(&Promise::yield_value); };

/// Whether one of the functions takes just this, so that no temporary is made of it. It is asked by a call where the promise may
/// be a base, since Clang would compile functions whose constraint is not met for their address.
template <class Promise, class T>
concept yields_just = requires {
  typename yield_result<Promise, T>;
}
&&((may_be_base<Promise> && !yields_to_rivals<Promise, T>) ||
   (!may_be_base<Promise> && (has_yield_overload<Promise, yield_result<Promise, T>, T&&> ||
                              has_yield_overload<Promise, yield_result<Promise, T>, const std::remove_reference_t<T>&> ||
                              has_yield_overload<Promise, yield_result<Promise, T>, std::remove_cvref_t<T>>)));

/// Of several functions the only one that takes a reference to const, or else to what is not const.
template <class R, class P, class A, class... More>
A parameter_by_const_reference(R (P::*)(const A&, More...));
template <class R, class P, class A, class... More>
A parameter_by_reference(R (P::*)(A&, More...));

template <class T>
struct first_argument {};
template <template <class, class...> class Template, class First, class... More>
struct first_argument<Template<First, More...>> {
  using type = std::remove_cvref_t<First>;
};

template <class Promise, class Generator>
concept yields_argument_of = requires {
  requires yields_just<Promise, typename first_argument<Generator>::type> ||
      yields_just<Promise, typename first_argument<Generator>::type&>;
};

/// The generator's elements: what other types are converted to, and braces.
template <class Promise, class R>
constexpr auto element_of_yield() noexcept {
  if constexpr (!yields_in_several_ways<Promise>)
    return std::type_identity<not_known>();
  else if constexpr (yields_argument_of<Promise, R>)
    return std::type_identity<typename first_argument<R>::type>();
  else if constexpr (yields_argument_of<Promise, Promise>)
    return std::type_identity<typename first_argument<Promise>::type>();
  // last, since Clang compiles all of the functions for it, as above
  else if constexpr (requires { parameter_by_const_reference(&Promise::yield_value); })
    return std::type_identity<std::remove_cv_t<decltype(parameter_by_const_reference(&Promise::yield_value))>>();
  else if constexpr (requires { parameter_by_reference(&Promise::yield_value); })
    return std::type_identity<std::remove_cv_t<decltype(parameter_by_reference(&Promise::yield_value))>>();
  else
    return std::type_identity<not_known>();
}

template <class Promise, class R>
using yield_element = typename decltype(element_of_yield<Promise, R>())::type;

/// Said by the compiler where a temporary would be made of which the type is not known.
struct specialise_taskleak_enable_tracking_to_false_for_this_promise_type {
  template <class... Any>
  specialise_taskleak_enable_tracking_to_false_for_this_promise_type(Any&&...);
};

/// Whether T is handed on as it is: no temporary is made of it, or not of the element's type.
template <class Promise, class Element, class T>
concept yields_as_it_is = yields_in_several_ways<Promise> &&
    (yields_just<Promise, T> || std::same_as<std::remove_cvref_t<T>, Element> ||
     std::is_base_of_v<Element, std::remove_cvref_t<T>> || !std::is_convertible_v<T&&, Element>);

/// Whether the only thing that is better than T as an Element is T itself, [over.best.ics]: float for double, char for int.
template <class Element, class T>
concept is_promoted = std::is_arithmetic_v<Element> && std::is_arithmetic_v<std::remove_cvref_t<T>> &&
    (std::same_as<Element, decltype(+std::declval<T>())> ||
     (std::same_as<Element, double> && std::same_as<std::remove_cvref_t<T>, float>));

/// Converts to what a T does, but for an Element.
template <class Element, class T>
struct anything_else {
  template <class U>
    requires(std::is_convertible_v<T&&, U> && !std::same_as<std::remove_cvref_t<U>, Element>)
  operator U() const;
};

/// Whether another of the functions would take a T that could be converted to an Element, and may be the better one for it: a
/// text literal is a std::string by its constructor, and a bool without.
template <class Promise, class Element, class T>
concept has_rival_of_element = yields_in_several_ways<Promise> && !yields_as_it_is<Promise, Element, T> &&
                               !is_promoted<Element, T> && requires(Promise & promise, anything_else<Element, T> other) {
  promise.yield_value(other);
};

}  // namespace taskleak::inline v0::detail

#endif
