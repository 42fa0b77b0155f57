// SPDX-License-Identifier: MIT
/// \file Finds out what a user's yield_value() takes, so that the tracked promise takes the same: an object that is passed by
/// reference has to outlive the suspension.
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

/// Whether the promise has a yield_value(). A promise that can be no base counts as having one: without it a co_yield is an error
/// in any case.
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

/// Returns the type of the only parameter that has to be passed to a member function, if the function is neither overloaded nor a
/// template.
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

/// Stands for an argument that no user passes.
struct rival_of_yield {};

/// Has one more yield_value() beside the user's.
template <class Promise>
struct yields_nothing_too : Promise {
  using Promise::yield_value;
  void yield_value(rival_of_yield);
};

template <class Promise>
concept names_yield_value = requires {
  typename std::type_identity<decltype(&Promise::yield_value)>;
};

/// Whether `&Promise::yield_value` may name one of several functions: Clang picks the one with the strictest constraint. If an
/// additional function makes the name ambiguous, the user's function has no constraint, and so it is the only one.
template <class Promise>
concept names_strictest_yield_value = !may_be_base<Promise> || names_yield_value<yields_nothing_too<Promise>>;

// why not only_parameter(&Promise::yield_value) at once: to deduce from the address of several functions, Clang compiles the body
// of each that returns auto, also if its constraint is not met
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

/// Whether the only yield_value() takes a reference: then `co_yield "text"` makes a std::string of the text at the co_yield.
template <class Promise>
concept yields_by_reference = has_one_yield_value<Promise> && std::is_reference_v<yield_parameter<Promise>>;

/// Is the type that `co_yield {1, 2}` makes of its braces where the only yield_value() takes a value; T&& binds the object that
/// the value is made from.
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

/// Has two functions beside the user's that take anything without a conversion. A function of the user's that needs no conversion
/// either is at least as good as one of the two. They are static, so that it does not matter whether the user's is const, and end
/// with a pack, which no compiler prefers.
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

/// Whether one of the functions takes a T as it is, so that no temporary is made of it. Where the promise may be a base, a call
/// tells, since Clang would compile functions whose constraint is not met in order to take their address.
template <class Promise, class T>
concept yields_just = requires {
  typename yield_result<Promise, T>;
}
&&((may_be_base<Promise> && !yields_to_rivals<Promise, T>) ||
   (!may_be_base<Promise> && (has_yield_overload<Promise, yield_result<Promise, T>, T&&> ||
                              has_yield_overload<Promise, yield_result<Promise, T>, const std::remove_reference_t<T>&> ||
                              has_yield_overload<Promise, yield_result<Promise, T>, std::remove_cvref_t<T>>)));

/// Returns the type that the only one of several functions takes by a reference to const, or else by a reference to non-const.
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

/// Returns the type of the generator's elements, to which other types and braces are converted.
template <class Promise, class R>
constexpr auto element_of_yield() noexcept {
  if constexpr (!yields_in_several_ways<Promise>)
    return std::type_identity<not_known>();
  else if constexpr (yields_argument_of<Promise, R>)
    return std::type_identity<typename first_argument<R>::type>();
  else if constexpr (yields_argument_of<Promise, Promise>)
    return std::type_identity<typename first_argument<Promise>::type>();
  // last, since Clang compiles all of the functions to take an address, as above
  else if constexpr (requires { parameter_by_const_reference(&Promise::yield_value); })
    return std::type_identity<std::remove_cv_t<decltype(parameter_by_const_reference(&Promise::yield_value))>>();
  else if constexpr (requires { parameter_by_reference(&Promise::yield_value); })
    return std::type_identity<std::remove_cv_t<decltype(parameter_by_reference(&Promise::yield_value))>>();
  else
    return std::type_identity<not_known>();
}

template <class Promise, class R>
using yield_element = typename decltype(element_of_yield<Promise, R>())::type;

/// Puts the remedy into the compiler's error, by its name, where a temporary of unknown type would be made.
struct specialise_taskleak_enable_tracking_to_false_for_this_promise_type {
  template <class... Any>
  specialise_taskleak_enable_tracking_to_false_for_this_promise_type(Any&&...);
};

/// Whether T is handed on as it is: no temporary is made of T, or none of the element's type.
template <class Promise, class Element, class T>
concept yields_as_it_is = yields_in_several_ways<Promise> &&
    (yields_just<Promise, T> || std::same_as<std::remove_cvref_t<T>, Element> ||
     std::is_base_of_v<Element, std::remove_cvref_t<T>> || !std::is_convertible_v<T&&, Element>);

/// Whether T is promoted to an Element, so that only a T itself is a better match, [over.best.ics]: float to double, char to int.
template <class Element, class T>
concept is_promoted = std::is_arithmetic_v<Element> && std::is_arithmetic_v<std::remove_cvref_t<T>> &&
    (std::same_as<Element, decltype(+std::declval<T>())> ||
     (std::same_as<Element, double> && std::same_as<std::remove_cvref_t<T>, float>));

/// Converts to every type that a T converts to, but for Element.
template <class Element, class T>
struct anything_else {
  template <class U>
    requires(std::is_convertible_v<T&&, U> && !std::same_as<std::remove_cvref_t<U>, Element>)
  operator U() const;
};

/// Whether another of the functions would take a T that could be converted to an Element, and may fit better: a text literal
/// becomes a std::string by a constructor, and a bool without one.
template <class Promise, class Element, class T>
concept has_rival_of_element = yields_in_several_ways<Promise> && !yields_as_it_is<Promise, Element, T> &&
                               !is_promoted<Element, T> && requires(Promise & promise, anything_else<Element, T> other) {
  promise.yield_value(other);
};

}  // namespace taskleak::inline v0::detail

#endif
