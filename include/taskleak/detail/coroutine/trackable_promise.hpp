// SPDX-License-Identifier: MIT
/// \file Which promise types can be tracked by a promise derived from them.
#ifndef TASKLEAK_DETAIL_COROUTINE_TRACKABLE_PROMISE_HPP
#define TASKLEAK_DETAIL_COROUTINE_TRACKABLE_PROMISE_HPP

#include <taskleak/coroutine.hpp>

#include <type_traits>

namespace taskleak::inline v0::detail {

/// A final class is no base, and the promise of tracked<> is in the registry already.
template <class Promise>
concept trackable_promise = std::is_class_v<Promise> && !std::is_final_v<Promise> && std::is_destructible_v<Promise> &&
                            !std::is_base_of_v<tracks_itself, Promise> && enable_tracking<Promise>;

}  // namespace taskleak::inline v0::detail

#endif
