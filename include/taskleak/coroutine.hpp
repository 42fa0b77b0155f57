// SPDX-License-Identifier: MIT
/// \file For the author of a coroutine type: to have it tracked explicitly, or not at all.
#ifndef TASKLEAK_COROUTINE_HPP
#define TASKLEAK_COROUTINE_HPP

#include <taskleak/detail/probe/coroutine/await.hpp>
#include <taskleak/detail/probe/coroutine/here.hpp>
#include <taskleak/detail/probe/coroutine/node.hpp>

#include <coroutine>
#include <source_location>
#include <type_traits>

namespace taskleak::inline v0 {

namespace detail {
struct tracks_itself {};
}  // namespace detail

/// Whether coroutines with this promise type are tracked where taskleak/track_coroutines.hpp is included. Specialise it to false
/// for one that shall stay as it is:
///
///     template <>
///     constexpr bool taskleak::enable_tracking<my_task::promise_type> = false;
template <class Promise>
inline constexpr bool enable_tracking = true;

/// A base of a promise type that is to be tracked in any program, without taskleak/track_coroutines.hpp:
///
///     struct promise_type : taskleak::tracked<promise_type> { ... };
///
/// It brings an await_transform(), which notes the place of each co_await. A promise with an await_transform() of its own returns
/// `this->track(awaitable, where)` from it, where `std::source_location where = std::source_location::current()` is its last
/// parameter. Costs next to nothing in a program without a main line.
template <class Promise>
class tracked : detail::tracks_itself {
 public:
  template <class A>
  decltype(auto) await_transform(A&& a, detail::await_place place = TASKLEAK_HERE) {
    return track_as<A&&>(static_cast<A&&>(a), detail::location_of(place));
  }

 protected:
  /// An lvalue is awaited itself; anything else is moved into the result, unless it cannot be.
  template <class A>
  decltype(auto) track(A&& a, std::source_location where) {
    return track_as<std::conditional_t<std::is_move_constructible_v<A>, A, A&&>>(static_cast<A&&>(a), where);
  }

 private:
  friend Promise;
  [[gnu::always_inline]] tracked() noexcept
      : node_(std::coroutine_handle<Promise>::from_promise(static_cast<Promise&>(*this)).address()) {}

  template <class Awaited, class A>
  decltype(auto) track_as(A&& a, std::source_location where) {
    node_.run();
    node_.come_to(where);
    return detail::track_await<detail::await_step::body, Promise, void>(node_, [&]() -> Awaited { return static_cast<A&&>(a); });
  }

  detail::coroutine_node node_;
};

}  // namespace taskleak::inline v0

#endif
