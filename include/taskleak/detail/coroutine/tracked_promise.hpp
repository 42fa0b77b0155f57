// SPDX-License-Identifier: MIT
/// \file The promise that stands in for a user's own.
#ifndef TASKLEAK_DETAIL_COROUTINE_TRACKED_PROMISE_HPP
#define TASKLEAK_DETAIL_COROUTINE_TRACKED_PROMISE_HPP

#include <taskleak/detail/coroutine/await.hpp>
#include <taskleak/detail/coroutine/node.hpp>
#include <taskleak/detail/coroutine/promise_members.hpp>

#include <concepts>
#include <coroutine>
#include <source_location>
#include <type_traits>
#include <utility>

namespace taskleak::inline v0::detail {

/// The user's promise is its first base, and a promise's place in the frame depends on its alignment alone: so
/// coroutine_handle<Promise> and from_promise(), as the user's code has them, find the same frame.
template <class Promise>
class promise_layer : public Promise {
 public:
  // why: inlined even at -O0, so that the node is made in the coroutine's own function, see coroutine_node
  [[gnu::always_inline]] promise_layer() noexcept(std::is_nothrow_default_constructible_v<Promise>)
    requires std::is_default_constructible_v<Promise>
      : taskleak_node_(std::coroutine_handle<promise_layer>::from_promise(*this).address()) {}
  /// The coroutine's parameters, if the user's promise takes them, [dcl.fct.def.coroutine]/4.
  template <class... Args>
    requires takes_parameters<Promise, Args...>
  [[gnu::always_inline]] explicit promise_layer(Args&... args) noexcept(std::is_nothrow_constructible_v<Promise, Args&...>)
      : Promise(args...), taskleak_node_(std::coroutine_handle<promise_layer>::from_promise(*this).address()) {}

  auto initial_suspend() noexcept(noexcept(std::declval<Promise&>().initial_suspend())) {
    auto get = [this]() -> decltype(auto) { return own().initial_suspend(); };
    return tracked_initial_await<Promise, decltype(get())>(taskleak_node_, get);
  }

  auto final_suspend() noexcept {
    auto get = [this]() noexcept -> decltype(auto) { return own().final_suspend(); };
    return tracked_final_await<Promise, promise_layer, decltype(get())>(get);
  }

  template <class A>
  auto await_transform(A&& a, std::source_location where = std::source_location::current()) {
    taskleak_node_.come_to(where);
    auto get = [&]() -> decltype(auto) {
      if constexpr (!has_await_transform<Promise>)
        return static_cast<A&&>(a);
      else if constexpr (takes_place_of_await<Promise, A>)
        return own().await_transform(static_cast<A&&>(a), where);
      else
        return own().await_transform(static_cast<A&&>(a));
    };
    return tracked_await<Promise, decltype(get())>(taskleak_node_, get);
  }

  Promise& own() noexcept { return *this; }

  coroutine_node taskleak_node_;
};

template <class Promise>
class tracked_promise final : public promise_layer<Promise> {
 public:
  [[gnu::always_inline]] tracked_promise() noexcept(std::is_nothrow_default_constructible_v<Promise>)
    requires std::is_default_constructible_v<Promise>
  {}
  template <class... Args>
    requires takes_parameters<Promise, Args...>
  [[gnu::always_inline]] explicit tracked_promise(Args&... args) noexcept(std::is_nothrow_constructible_v<Promise, Args&...>)
      : promise_layer<Promise>(args...) {}
};

template <class Promise>
  requires has_one_yield_value<Promise>
class tracked_promise<Promise> final : public promise_layer<Promise> {
 public:
  [[gnu::always_inline]] tracked_promise() noexcept(std::is_nothrow_default_constructible_v<Promise>)
    requires std::is_default_constructible_v<Promise>
  {}
  template <class... Args>
    requires takes_parameters<Promise, Args...>
  [[gnu::always_inline]] explicit tracked_promise(Args&... args) noexcept(std::is_nothrow_constructible_v<Promise, Args&...>)
      : promise_layer<Promise>(args...) {}

  /// The default argument serves `co_yield {1, 2}`, of which no type can be deduced.
  template <class T = yielded<Promise>>
  auto yield_value(T&& value, std::source_location where = std::source_location::current()) {
    this->taskleak_node_.come_to(where);
    auto get = [&]() -> decltype(auto) { return this->own().yield_value(static_cast<T&&>(value)); };
    return tracked_await<Promise, decltype(get())>(this->taskleak_node_, get);
  }
};

}  // namespace taskleak::inline v0::detail

#endif
