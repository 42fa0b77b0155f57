// SPDX-License-Identifier: MIT
/// \file Says which promise types can be tracked, by a promise that derives from the type or holds one.
#ifndef TASKLEAK_DETAIL_PROBE_COROUTINE_TRACKABLE_PROMISE_HPP
#define TASKLEAK_DETAIL_PROBE_COROUTINE_TRACKABLE_PROMISE_HPP

#include <taskleak/coroutine.hpp>
#include <taskleak/detail/probe/coroutine/held_promise.hpp>
#include <taskleak/detail/probe/coroutine/promise_members.hpp>

#include <type_traits>

namespace taskleak::inline v0::detail {

/// Puts the remedy into the compiler's error, by its name. No class can be derived from a promise whose destructor is virtual and
/// final, and no trait tells whether it is. No object of this type is ever made.
template <class Promise>
struct specialise_taskleak_enable_tracking_to_false_for_this_promise_type_with_a_final_destructor : Promise {};

template <class Promise>
concept derivable_promise =
    !std::has_virtual_destructor_v<Promise> ||
    sizeof(specialise_taskleak_enable_tracking_to_false_for_this_promise_type_with_a_final_destructor<Promise>) != 0;

/// Whether a promise type can be tracked. Final classes and unions can be held; the promise of tracked<> tracks itself already.
template <class Promise>
concept trackable_promise =
    std::is_destructible_v<Promise> && !std::is_base_of_v<tracks_itself, Promise> && enable_tracking<Promise> &&
    ((may_be_base<Promise> && derivable_promise<Promise>) || (!may_be_base<Promise> && holdable_promise<Promise>));

}  // namespace taskleak::inline v0::detail

#endif
