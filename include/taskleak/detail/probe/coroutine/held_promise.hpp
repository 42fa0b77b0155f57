// SPDX-License-Identifier: MIT
/// \file Turns a user's promise type that can be no base (a final class, a union) into a base, by a class that holds the promise.
///
/// No class can be derived from such a type to ask which names it has. So, where the compiler of a coroutine looks up a name,
/// the code here tries a call: a member is there if it can be called.
#ifndef TASKLEAK_DETAIL_PROBE_COROUTINE_HELD_PROMISE_HPP
#define TASKLEAK_DETAIL_PROBE_COROUTINE_HELD_PROMISE_HPP

#include <taskleak/detail/probe/coroutine/promise_members.hpp>
#include <taskleak/detail/probe/coroutine/return_value.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace taskleak::inline v0::detail {

/// Holds the promise at the very beginning of the object: the promise's address is that of the whole object, so
/// coroutine_handle<Promise> and from_promise() find the coroutine's frame.
template <class Promise>
struct promise_holder {
  promise_holder() = default;
  template <class... Args>
    requires(sizeof...(Args) > 0)
  [[gnu::always_inline]] explicit promise_holder(Args&&... args) noexcept(std::is_nothrow_constructible_v<Promise, Args...>)
      : taskleak_held(static_cast<Args&&>(args)...) {}
  promise_holder(const promise_holder&) = delete;
  promise_holder& operator=(const promise_holder&) = delete;

  Promise taskleak_held;
};

// ---- co_return: a promise has return_void() or return_value(), and never both names, [dcl.fct.def.coroutine]/6

template <class Promise, class R>
struct returning_promise : promise_holder<Promise> {
  using promise_holder<Promise>::promise_holder;

  [[gnu::always_inline]] void return_value(return_parameter<Promise> value) noexcept(noexcept(
      std::declval<Promise&>().return_value(std::declval<return_parameter<Promise>>()))) requires returns_by_reference<Promise> {
    this->taskleak_held.return_value(static_cast<return_parameter<Promise>&&>(value));
  }
  template <class T = return_element<Promise, R>>
    requires(!returns_by_reference<Promise>)
  [[gnu::always_inline]] void return_value(T&& value) noexcept(
      noexcept(std::declval<Promise&>().return_value(std::declval<T>()))) {
    this->taskleak_held.return_value(static_cast<T&&>(value));
  }
};
template <class Promise, class R>
  requires returns_void<Promise>
struct returning_promise<Promise, R> : promise_holder<Promise> {
  using promise_holder<Promise>::promise_holder;

  [[gnu::always_inline]] void return_void() noexcept(noexcept(std::declval<Promise&>().return_void())) {
    this->taskleak_held.return_void();
  }
};

// ---- memory of the frame: if the promise has no operator new or delete, the name must not be found,
// [dcl.fct.def.coroutine]/9-12

template <class Promise, class... Args>
concept allocates_with = requires(std::size_t size, Args&&... args) {
  Promise::operator new(size, static_cast<Args&&>(args)...);
};

template <class Promise>
concept may_fail_to_allocate = requires {
  Promise::get_return_object_on_allocation_failure();
};

template <class Promise, class... Args>
concept has_allocation = allocates_with<Promise> || allocates_with<Promise, Args&...>;

template <class Promise, class... Args>
struct allocation_of {};
template <class Promise, class... Args>
  requires(has_allocation<Promise, Args...> && !may_fail_to_allocate<Promise>)
struct allocation_of<Promise, Args...> {
  // NOLINTNEXTLINE(misc-new-delete-overloads): operator delete is in deallocation_of
  [[gnu::always_inline]] static void* operator new(std::size_t size) requires allocates_with<Promise> {
    return Promise::operator new(size);
  }
  template <class First, class... More>
    requires allocates_with<Promise, First, More...>
  [[gnu::always_inline]] static void* operator new(std::size_t size, First&& first, More&&... more) {
    return Promise::operator new(size, static_cast<First&&>(first), static_cast<More&&>(more)...);
  }
};
/// Defines an operator new that is noexcept. The word has to stand in the text: Clang asks for it before it evaluates a
/// condition.
template <class Promise, class... Args>
  requires(has_allocation<Promise, Args...>&& may_fail_to_allocate<Promise>)
struct allocation_of<Promise, Args...> {
  // NOLINTNEXTLINE(misc-new-delete-overloads): as above
  [[gnu::always_inline]] static void* operator new(std::size_t size) noexcept requires allocates_with<Promise> {
    return Promise::operator new(size);
  }
  template <class First, class... More>
    requires allocates_with<Promise, First, More...>
  [[gnu::always_inline]] static void* operator new(std::size_t size, First&& first, More&&... more) noexcept {
    return Promise::operator new(size, static_cast<First&&>(first), static_cast<More&&>(more)...);
  }
};

template <class Promise>
concept frees_with_size = requires(void* frame, std::size_t size) {
  Promise::operator delete(frame, size);
};
template <class Promise>
concept frees_without_size = requires(void* frame) {
  Promise::operator delete(frame);
};

template <class Promise>
struct deallocation_of {};
template <class Promise>
  requires frees_with_size<Promise>
struct deallocation_of<Promise> {
  // NOLINTNEXTLINE(misc-new-delete-overloads): operator new is in allocation_of
  [[gnu::always_inline]] static void operator delete(void* frame, std::size_t size) { Promise::operator delete(frame, size); }
};
template <class Promise>
  requires(frees_without_size<Promise> && !frees_with_size<Promise>)
struct deallocation_of<Promise> {
  // NOLINTNEXTLINE(misc-new-delete-overloads): as above
  [[gnu::always_inline]] static void operator delete(void* frame) { Promise::operator delete(frame); }
};

template <class Promise>
struct allocation_failure_of {};
template <class Promise>
  requires may_fail_to_allocate<Promise>
struct allocation_failure_of<Promise> {
  [[gnu::always_inline]] static decltype(auto) get_return_object_on_allocation_failure() noexcept(
      noexcept(Promise::get_return_object_on_allocation_failure())) {
    return Promise::get_return_object_on_allocation_failure();
  }
};

// ----

/// Whether this code may call everything that a coroutine needs of its promise.
template <class Promise>
concept holdable_promise = (std::is_class_v<Promise> || std::is_union_v<Promise>)&&requires(Promise& promise) {
  promise.get_return_object();
  promise.initial_suspend();
  promise.final_suspend();
  promise.unhandled_exception();
};

/// Serves as base of tracked_promise_with in place of a promise that can be no base. Forwards what a coroutine calls, except
/// suspensions and yields, which tracked_promise_with defines. R is the coroutine's return type and Args are its parameters.
template <class Promise, class R, class... Args>
struct held_promise : returning_promise<Promise, R>,
                      allocation_of<Promise, Args...>,
                      deallocation_of<Promise>,
                      allocation_failure_of<Promise> {
  using returning_promise<Promise, R>::returning_promise;

  [[gnu::always_inline]] decltype(auto) get_return_object() noexcept(noexcept(std::declval<Promise&>().get_return_object())) {
    return this->taskleak_held.get_return_object();
  }
  [[gnu::always_inline]] void unhandled_exception() noexcept(noexcept(std::declval<Promise&>().unhandled_exception())) {
    this->taskleak_held.unhandled_exception();
  }
};

/// Is the base of the promise that stands in for the user's.
template <class Promise, class R, class... Args>
struct choose_promise_base {
  using type = Promise;
};
template <class Promise, class R, class... Args>
  requires(!may_be_base<Promise>)
struct choose_promise_base<Promise, R, Args...> {
  using type = held_promise<Promise, R, Args...>;
};
template <class Promise, class R, class... Args>
using promise_base = typename choose_promise_base<Promise, R, Args...>::type;

}  // namespace taskleak::inline v0::detail

#endif
