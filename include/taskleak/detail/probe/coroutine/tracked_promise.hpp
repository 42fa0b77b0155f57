// SPDX-License-Identifier: MIT
/// \file Defines the promise that stands in for a user's own.
#ifndef TASKLEAK_DETAIL_PROBE_COROUTINE_TRACKED_PROMISE_HPP
#define TASKLEAK_DETAIL_PROBE_COROUTINE_TRACKED_PROMISE_HPP

#include <taskleak/detail/probe/coroutine/await.hpp>
#include <taskleak/detail/probe/coroutine/held_promise.hpp>
#include <taskleak/detail/probe/coroutine/here.hpp>
#include <taskleak/detail/probe/coroutine/node.hpp>
#include <taskleak/detail/probe/coroutine/promise_members.hpp>
#include <taskleak/detail/probe/coroutine/yield_value.hpp>

#include <coroutine>
#include <source_location>
#include <type_traits>
#include <utility>

// why: a user's promise may have a member of any name
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Woverloaded-virtual"

namespace taskleak::inline v0::detail {

template <class Promise>
struct initial_suspend_of {
  Promise& promise;
  [[gnu::always_inline]] decltype(auto) operator()() const noexcept(noexcept(promise.initial_suspend())) {
    return promise.initial_suspend();
  }
};
template <class Promise>
struct final_suspend_of {
  Promise& promise;
  [[gnu::always_inline]] decltype(auto) operator()() const noexcept(noexcept(promise.final_suspend())) {
    return promise.final_suspend();
  }
};

/// Returns what a co_await of `a` awaits.
template <class Promise, class A>
struct transformed {
  Promise& promise;
  A&& a;
  std::source_location where;
  [[gnu::always_inline]] decltype(auto) operator()() const {
    if constexpr (awaits_as_it_is<Promise, A>)
      return static_cast<A&&>(a);
    else if constexpr (takes_place_of_await<Promise, A>)
      return promise.await_transform(static_cast<A&&>(a), where);
    else
      return promise.await_transform(static_cast<A&&>(a));
  }
};
/// Returns what a co_yield of `value` awaits.
template <class Promise, class T>
struct yielded {
  Promise& promise;
  T&& value;
  std::source_location where;
  [[gnu::always_inline]] decltype(auto) operator()() const {
    if constexpr (takes_place_of_yield<Promise, T>)
      return promise.yield_value(static_cast<T&&>(value), where);
    else
      return promise.yield_value(static_cast<T&&>(value));
  }
};

/// Lists the parameter types of a coroutine function.
template <class... Args>
struct parameters {};

/// Tracks a coroutine in place of the user's promise, which is its first base, or held in it, see held_promise. A promise's place
/// in the frame depends on the promise's alignment alone, so coroutine_handle<Promise> and from_promise() in the user's code find
/// the same frame.
///
/// R is the coroutine's return type, which may tell what a generator yields. `Located` are the coroutine's parameters, if the
/// user's promise asks for them and for the coroutine's place.
template <class Promise, class R, class Located, class Base = Promise>
class tracked_promise_with;

template <class Promise, class R, class... Located, class Base>
class tracked_promise_with<Promise, R, parameters<Located...>, Base> final : public Base {
  using place = std::source_location;
  using element = yield_element<Promise, R>;
  static constexpr bool is_default = std::is_default_constructible_v<Promise>;

 public:
  // why: inlined even at -O0, so that the node is made in the coroutine's own function, see coroutine_node
  [[gnu::always_inline]] tracked_promise_with() noexcept(std::is_nothrow_default_constructible_v<Promise>) requires(
      is_default && !takes_place_of_birth<Promise>)
      : taskleak_node_(taskleak_frame()) {}
  [[gnu::always_inline]] tracked_promise_with(place where = place::current()) noexcept(
      std::is_nothrow_constructible_v<Promise, place>) requires(is_default&& takes_place_of_birth<Promise>)
      : Base(where), taskleak_node_(taskleak_frame()) {}
  /// Passes the coroutine's parameters on, if the user's promise takes them, [dcl.fct.def.coroutine]/4.
  template <class... Args>
    requires takes_parameters<Promise, Args...>
  [[gnu::always_inline]] explicit tracked_promise_with(Args&... args) noexcept(std::is_nothrow_constructible_v<Promise, Args&...>)
      : Base(args...), taskleak_node_(taskleak_frame()) {}
  [[gnu::always_inline]] explicit tracked_promise_with(Located&... args, place where = place::current()) noexcept(
      std::is_nothrow_constructible_v<Promise, Located&..., place>) requires(sizeof...(Located) > 0)
      : Base(args..., where), taskleak_node_(taskleak_frame()) {}

  [[gnu::always_inline]] ~tracked_promise_with() = default;

  // why: templates, which override no virtual function of the user's promise
  template <class = void>
  [[gnu::always_inline]] decltype(auto) initial_suspend() noexcept(awaiting_is_noexcept<initial_suspend_of<Promise>>()) {
    return track_await<await_step::initial, Promise, tracked_promise_with>(taskleak_node_,
                                                                           initial_suspend_of<Promise>{taskleak_own()});
  }
  template <class = void>
  [[gnu::always_inline]] decltype(auto) final_suspend() noexcept(awaiting_is_noexcept<final_suspend_of<Promise>>()) {
    return track_await<await_step::final, Promise, tracked_promise_with>(taskleak_node_,
                                                                         final_suspend_of<Promise>{taskleak_own()});
  }

  template <class A>
  [[gnu::always_inline]] decltype(auto) await_transform(A&& a, await_place here = TASKLEAK_HERE) {
    const place where = location_of(here);
    taskleak_node_.come_to(where);
    return track_await<await_step::body, Promise, tracked_promise_with>(
        taskleak_node_, transformed<Promise, A>{taskleak_own(), static_cast<A&&>(a), where});
  }

  // ---- one yield_value()
  [[gnu::always_inline]] decltype(auto) yield_value(yield_parameter<Promise> value,
                                                    await_place here = TASKLEAK_HERE) requires yields_by_reference<Promise> {
    return taskleak_yield(static_cast<yield_parameter<Promise>&&>(value), here);
  }
  template <class T = yielded_by_value<Promise>>
    requires yields_by_value<Promise>
  [[gnu::always_inline]] decltype(auto) yield_value(T&& value, await_place here = TASKLEAK_HERE) {
    return taskleak_yield(static_cast<T&&>(value), here);
  }

  // ---- several
  template <class T>
    requires yields_as_it_is<Promise, element, T>
  [[gnu::always_inline]] decltype(auto) yield_value(T&& value, await_place here = TASKLEAK_HERE) {
    return taskleak_yield(static_cast<T&&>(value), here);
  }
  [[gnu::always_inline]] decltype(auto) yield_value(element&& value, await_place here = TASKLEAK_HERE) requires(
      yields_in_several_ways<Promise> && !std::is_same_v<element, not_known>) {
    return taskleak_yield(static_cast<element&&>(value), here);
  }
  void yield_value(specialise_taskleak_enable_tracking_to_false_for_this_promise_type) requires(
      yields_in_several_ways<Promise>&& std::is_same_v<element, not_known>) = delete;
  template <class T>
    requires has_rival_of_element<Promise, element, T> specialise_taskleak_enable_tracking_to_false_for_this_promise_type
    yield_value(T&& value)
  = delete;

  coroutine_node taskleak_node_;

 private:
  [[gnu::always_inline]] Promise& taskleak_own() noexcept {
    if constexpr (std::is_same_v<Base, Promise>)
      return *this;
    else
      return this->taskleak_held;
  }
  [[gnu::always_inline]] const void* taskleak_frame() noexcept {
    return std::coroutine_handle<tracked_promise_with>::from_promise(*this).address();
  }

  template <class T>
  [[gnu::always_inline]] decltype(auto) taskleak_yield(T&& value, await_place here) {
    const place where = location_of(here);
    taskleak_node_.come_to(where);
    return track_await<await_step::body, Promise, tracked_promise_with>(
        taskleak_node_, yielded<Promise, T>{taskleak_own(), static_cast<T&&>(value), where});
  }
};

template <class Promise, class R, class... Args>
struct choose_tracked_promise {
  using type = tracked_promise_with<Promise, R, parameters<>, promise_base<Promise, R, Args...>>;
};
template <class Promise, class R, class... Args>
  requires(takes_parameters<Promise, Args...>&& takes_place_of_birth<Promise, Args...>)
struct choose_tracked_promise<Promise, R, Args...> {
  using type = tracked_promise_with<Promise, R, parameters<std::remove_reference_t<Args>...>, promise_base<Promise, R, Args...>>;
};

/// Is the tracked promise of a coroutine with these parameters.
template <class Promise, class R, class... Args>
using tracked_promise = typename choose_tracked_promise<Promise, R, Args...>::type;

}  // namespace taskleak::inline v0::detail

#pragma GCC diagnostic pop

#endif
