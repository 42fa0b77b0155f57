// SPDX-License-Identifier: MIT
/// \file Finds out what the return_value() of a held promise takes, so that the tracked promise takes the same.
#ifndef TASKLEAK_DETAIL_PROBE_COROUTINE_RETURN_VALUE_HPP
#define TASKLEAK_DETAIL_PROBE_COROUTINE_RETURN_VALUE_HPP

#include <taskleak/detail/probe/coroutine/yield_value.hpp>

#include <type_traits>
#include <utility>

namespace taskleak::inline v0::detail {

template <class Promise>
concept returns_void = requires(Promise& promise) {
  promise.return_void();
};

template <class Promise>
concept has_one_return_value = requires {
  only_parameter(&Promise::return_value);
};

template <class Promise>
constexpr auto parameter_of_only_return() noexcept {
  if constexpr (has_one_return_value<Promise>)
    return std::type_identity<decltype(only_parameter(&Promise::return_value))>();
  else
    return std::type_identity<not_known&&>();
}
template <class Promise>
using return_parameter = typename decltype(parameter_of_only_return<Promise>())::type;

/// Whether the only return_value() takes a reference, so that `co_return "text"` makes a std::string of the text, or a scalar,
/// which is as good as its copy: `co_return 0` may mean a pointer.
template <class Promise>
concept returns_by_reference = has_one_return_value<Promise> &&
    (std::is_reference_v<return_parameter<Promise>> || std::is_scalar_v<return_parameter<Promise>>);

template <class Promise, class T>
concept takes_returned = requires(Promise& promise, T&& value) {
  promise.return_value(static_cast<T&&>(value));
};

/// Returns the type that `co_return {1, 2}` makes of its braces.
template <class Promise, class R>
constexpr auto element_of_return() noexcept {
  if constexpr (has_one_return_value<Promise>) {
    using parameter = return_parameter<Promise>;
    return std::type_identity<std::conditional_t<std::is_copy_constructible_v<parameter>, const parameter&, parameter>>();
  } else if constexpr (requires { parameter_by_const_reference(&Promise::return_value); }) {
    return std::type_identity<std::remove_cv_t<decltype(parameter_by_const_reference(&Promise::return_value))>>();
  } else if constexpr (requires { parameter_by_reference(&Promise::return_value); }) {
    return std::type_identity<std::remove_cv_t<decltype(parameter_by_reference(&Promise::return_value))>>();
  } else if constexpr (requires { requires takes_returned<Promise, typename first_argument<R>::type>; }) {
    return std::type_identity<typename first_argument<R>::type>();
  } else if constexpr (requires { requires takes_returned<Promise, typename first_argument<Promise>::type>; }) {
    return std::type_identity<typename first_argument<Promise>::type>();
  } else {
    return std::type_identity<not_known>();
  }
}
template <class Promise, class R>
using return_element = typename decltype(element_of_return<Promise, R>())::type;

}  // namespace taskleak::inline v0::detail

#endif
