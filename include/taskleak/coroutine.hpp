// SPDX-License-Identifier: MIT
/// \file Lets the author of a coroutine type have it tracked explicitly, or not at all.
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

/// Whether coroutines with this promise type are tracked where taskleak/track_coroutines.hpp is included. Specialise the variable
/// to false to leave a promise type untracked:
///
///     template <>
///     constexpr bool taskleak::enable_tracking<my_task::promise_type> = false;
template <class Promise>
inline constexpr bool enable_tracking = true;

/// Tracks the coroutines of the promise type that derives from this class, without taskleak/track_coroutines.hpp:
///
///     struct promise_type : taskleak::tracked<promise_type> { ... };
///
/// The class brings an await_transform() that notes the place of each co_await. A promise with an await_transform() of its own
/// gives that function the last parameter `std::source_location where = std::source_location::current()` and returns
/// `this->track(awaitable, where)` from it. Tracking costs next to nothing in a program without a main line.
template <class Promise>
class tracked : detail::tracks_itself {
 public:
  template <class A>
  decltype(auto) await_transform(A&& a, detail::await_place place = TASKLEAK_HERE) {
    return track_as<A&&>(static_cast<A&&>(a), detail::location_of(place));
  }

 protected:
  /// Returns what to await in place of the awaitable: an lvalue is awaited itself; anything else is moved into the result, unless
  /// it cannot be moved.
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
