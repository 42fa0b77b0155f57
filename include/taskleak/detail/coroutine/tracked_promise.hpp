// SPDX-License-Identifier: MIT
/// \file The promise that stands in for a user's own.
#ifndef TASKLEAK_DETAIL_COROUTINE_TRACKED_PROMISE_HPP
#define TASKLEAK_DETAIL_COROUTINE_TRACKED_PROMISE_HPP

#include <taskleak/detail/coroutine/await.hpp>
#include <taskleak/detail/coroutine/here.hpp>
#include <taskleak/detail/coroutine/node.hpp>
#include <taskleak/detail/coroutine/promise_members.hpp>
#include <taskleak/detail/coroutine/yield_value.hpp>

#include <concepts>
#include <coroutine>
#include <source_location>
#include <type_traits>
#include <utility>

// why: a user's promise may have a member of any name
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace taskleak::inline v0::detail {

/// The user's promise is its first base, and a promise's place in the frame depends on its alignment alone: so
/// coroutine_handle<Promise> and from_promise(), as the user's code has them, find the same frame.
template <class Promise>
class promise_layer : public Promise {
 public:
  // why: inlined even at -O0, so that the node is made in the coroutine's own function, see coroutine_node
  [[gnu::always_inline]] promise_layer() noexcept(
      std::is_nothrow_default_constructible_v<Promise>) requires std::is_default_constructible_v<Promise>
      : taskleak_node_(std::coroutine_handle<promise_layer>::from_promise(*this).address()) {}
  /// The coroutine's parameters, if the user's promise takes them, [dcl.fct.def.coroutine]/4.
  template <class... Args>
    requires takes_parameters<Promise, Args...>
  [[gnu::always_inline]] explicit promise_layer(Args&... args) noexcept(std::is_nothrow_constructible_v<Promise, Args&...>)
      : Promise(args...), taskleak_node_(std::coroutine_handle<promise_layer>::from_promise(*this).address()) {}

  // why: templates, which override no virtual function of the user's promise
  template <class = void>
  decltype(auto) initial_suspend() noexcept(initial_suspend_is_noexcept<Promise>()) {
    auto get = [this]() noexcept(noexcept(std::declval<Promise&>().initial_suspend())) -> decltype(auto) {
      return static_cast<Promise&>(*this).initial_suspend();
    };
    using awaitable = decltype(get());
    if constexpr (awaited_from_here<Promise, awaitable>)
      return tracked_initial_await<Promise, awaitable>(taskleak_node_, get);
    else
      return get();
  }

  template <class = void>
  decltype(auto) final_suspend() noexcept(noexcept(std::declval<Promise&>().final_suspend())) {
    auto get = [this]() noexcept(noexcept(std::declval<Promise&>().final_suspend())) -> decltype(auto) {
      return static_cast<Promise&>(*this).final_suspend();
    };
    using awaitable = decltype(get());
    if constexpr (awaited_from_here<Promise, awaitable>) {
      return tracked_final_await<Promise, promise_layer, awaitable>(get);
    } else {
      taskleak_node_.finish();
      return get();
    }
  }

  template <class A>
  decltype(auto) await_transform(A&& a, await_place place = TASKLEAK_HERE) {
    const std::source_location where = location_of(place);
    taskleak_node_.come_to(where);
    return track_await<Promise>(taskleak_node_, [&]() -> decltype(auto) {
      Promise& own = *this;
      if constexpr (!has_await_transform<Promise>)
        return static_cast<A&&>(a);
      else if constexpr (takes_place_of_await<Promise, A>)
        return own.await_transform(static_cast<A&&>(a), where);
      else
        return own.await_transform(static_cast<A&&>(a));
    });
  }

  coroutine_node taskleak_node_;

 protected:
  template <class T>
  decltype(auto) taskleak_yield(T&& value, std::source_location where) {
    taskleak_node_.come_to(where);
    return track_await<Promise>(taskleak_node_, [&]() -> decltype(auto) {
      Promise& own = *this;
      if constexpr (takes_place_of_yield<Promise, T>)
        return own.yield_value(static_cast<T&&>(value), where);
      else
        return own.yield_value(static_cast<T&&>(value));
    });
  }
};

/// R is the coroutine's return type, which may tell what a generator yields.
template <class Promise, class R = void>
class tracked_promise final : public promise_layer<Promise> {
 public:
  [[gnu::always_inline]] tracked_promise() noexcept(
      std::is_nothrow_default_constructible_v<Promise>) requires std::is_default_constructible_v<Promise> {}
  template <class... Args>
    requires takes_parameters<Promise, Args...>
  [[gnu::always_inline]] explicit tracked_promise(Args&... args) noexcept(std::is_nothrow_constructible_v<Promise, Args&...>)
      : promise_layer<Promise>(args...) {}
};

template <class Promise, class R>
  requires yields_by_reference<Promise>
class tracked_promise<Promise, R> final : public promise_layer<Promise> {
 public:
  [[gnu::always_inline]] tracked_promise() noexcept(
      std::is_nothrow_default_constructible_v<Promise>) requires std::is_default_constructible_v<Promise> {}
  template <class... Args>
    requires takes_parameters<Promise, Args...>
  [[gnu::always_inline]] explicit tracked_promise(Args&... args) noexcept(std::is_nothrow_constructible_v<Promise, Args&...>)
      : promise_layer<Promise>(args...) {}

  decltype(auto) yield_value(yield_parameter<Promise> value, std::source_location where = std::source_location::current()) {
    return this->taskleak_yield(static_cast<yield_parameter<Promise>&&>(value), where);
  }
};

template <class Promise, class R>
  requires(has_one_yield_value<Promise> && !yields_by_reference<Promise>)
class tracked_promise<Promise, R> final : public promise_layer<Promise> {
 public:
  [[gnu::always_inline]] tracked_promise() noexcept(
      std::is_nothrow_default_constructible_v<Promise>) requires std::is_default_constructible_v<Promise> {}
  template <class... Args>
    requires takes_parameters<Promise, Args...>
  [[gnu::always_inline]] explicit tracked_promise(Args&... args) noexcept(std::is_nothrow_constructible_v<Promise, Args&...>)
      : promise_layer<Promise>(args...) {}

  template <class T = yielded_by_value<Promise>>
  decltype(auto) yield_value(T&& value, std::source_location where = std::source_location::current()) {
    return this->taskleak_yield(static_cast<T&&>(value), where);
  }
};

template <class Promise, class R>
  requires(has_yield_value<Promise> && !has_one_yield_value<Promise>)
class tracked_promise<Promise, R> final : public promise_layer<Promise> {
  using element = yield_element<Promise, R>;

 public:
  [[gnu::always_inline]] tracked_promise() noexcept(
      std::is_nothrow_default_constructible_v<Promise>) requires std::is_default_constructible_v<Promise> {}
  template <class... Args>
    requires takes_parameters<Promise, Args...>
  [[gnu::always_inline]] explicit tracked_promise(Args&... args) noexcept(std::is_nothrow_constructible_v<Promise, Args&...>)
      : promise_layer<Promise>(args...) {}

  template <class T>
    requires(yields_as_it_is<Promise, element, T> || !std::is_convertible_v<T&&, element>)
  decltype(auto) yield_value(T&& value, std::source_location where = std::source_location::current()) {
    return this->taskleak_yield(static_cast<T&&>(value), where);
  }

  decltype(auto) yield_value(element&& value, std::source_location where = std::source_location::current()) requires(
      !std::is_same_v<element, not_known>) {
    return this->taskleak_yield(static_cast<element&&>(value), where);
  }

  void yield_value(specialise_taskleak_enable_tracking_to_false_for_this_promise_type) requires std::is_same_v<element, not_known>
  = delete;
};

}  // namespace taskleak::inline v0::detail

#pragma GCC diagnostic pop

#endif
