// SPDX-License-Identifier: MIT
/// \file Which promise types can be tracked by a promise that derives from them or holds one.
#ifndef TASKLEAK_DETAIL_PROBE_COROUTINE_TRACKABLE_PROMISE_HPP
#define TASKLEAK_DETAIL_PROBE_COROUTINE_TRACKABLE_PROMISE_HPP

#include <taskleak/coroutine.hpp>
#include <taskleak/detail/probe/coroutine/held_promise.hpp>
#include <taskleak/detail/probe/coroutine/promise_members.hpp>

#include <type_traits>

namespace taskleak::inline v0::detail {

/// No class can be derived from one whose destructor is virtual and final, and none can ask whether it is: the compiler says this
/// name in its error. Never made.
template <class Promise>
struct specialise_taskleak_enable_tracking_to_false_for_this_promise_type_with_a_final_destructor : Promise {};

template <class Promise>
concept derivable_promise =
    !std::has_virtual_destructor_v<Promise> ||
    sizeof(specialise_taskleak_enable_tracking_to_false_for_this_promise_type_with_a_final_destructor<Promise>) != 0;

/// Final classes and unions are no bases and can be held; the promise of tracked<> is in the registry already.
template <class Promise>
concept trackable_promise =
    std::is_destructible_v<Promise> && !std::is_base_of_v<tracks_itself, Promise> && enable_tracking<Promise> &&
    ((may_be_base<Promise> && derivable_promise<Promise>) || (!may_be_base<Promise> && holdable_promise<Promise>));

}  // namespace taskleak::inline v0::detail

#endif
