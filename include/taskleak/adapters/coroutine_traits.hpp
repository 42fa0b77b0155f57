// SPDX-License-Identifier: MIT
/// \file For a library that says in a specialisation of std::coroutine_traits what the promises of its coroutines are.
///
/// The specialisation of taskleak/track_coroutines.hpp is less specialised than that, and so its coroutines are not tracked. One
/// more of the same pattern with a constraint is chosen before it:
///
///     template <class T, class... Args>
///       requires taskleak::trackable_promise<lib::task_promise<T>>
///     struct std::coroutine_traits<lib::task<T>, Args...> {
///       using promise_type = taskleak::tracked_promise<lib::task_promise<T>, lib::task<T>, Args...>;
///     };
///
/// It has to be seen before the first coroutine of the type, in every source file that has one. Declarations of the two templates
/// are enough, as in taskleak/adapters/asio.hpp.
#ifndef TASKLEAK_ADAPTERS_COROUTINE_TRAITS_HPP
#define TASKLEAK_ADAPTERS_COROUTINE_TRAITS_HPP

#include <taskleak/detail/coroutine/trackable_promise.hpp>
#include <taskleak/detail/coroutine/tracked_promise.hpp>

namespace taskleak::inline v0 {

/// Whether a promise can be tracked, and is not exempt by enable_tracking.
template <class Promise>
concept trackable_promise = detail::trackable_promise<Promise>;

/// The promise that stands in for `Promise` in coroutines that return R and have parameters of these types. It is derived from
/// it. Without the parameters it is the same for all coroutines, and a `Promise` that takes them by its constructor takes them
/// still, but not the coroutine's std::source_location, by a default argument, beside them.
template <class Promise, class R, class... Args>
using tracked_promise = detail::tracked_promise<Promise, R, Args...>;

}  // namespace taskleak::inline v0

#endif
