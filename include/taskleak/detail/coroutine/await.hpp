// SPDX-License-Identifier: MIT
/// \file Awaiters that stand between a coroutine and the user's own, and take note of suspension and resumption.
#ifndef TASKLEAK_DETAIL_COROUTINE_AWAIT_HPP
#define TASKLEAK_DETAIL_COROUTINE_AWAIT_HPP

#include <taskleak/detail/coroutine/node.hpp>
#include <taskleak/detail/coroutine/type_text.hpp>

#include <coroutine>
#include <type_traits>
#include <utility>

namespace taskleak::inline v0::detail {

template <class A>
concept has_member_co_await = requires(A&& a) {
  static_cast<A&&>(a).operator co_await();
};
template <class A>
concept has_free_co_await = requires(A&& a) {
  operator co_await(static_cast<A&&>(a));
};
template <class A>
concept has_co_await = has_member_co_await<A> || has_free_co_await<A>;

template <has_co_await A>
constexpr bool co_await_is_noexcept() noexcept {
  if constexpr (has_member_co_await<A>)
    return noexcept(std::declval<A>().operator co_await());
  else
    return noexcept(operator co_await(std::declval<A>()));
}

template <has_co_await A>
constexpr decltype(auto) call_co_await(A&& a) noexcept(co_await_is_noexcept<A>()) {
  if constexpr (has_member_co_await<A>)
    return static_cast<A&&>(a).operator co_await();
  else
    return operator co_await(static_cast<A&&>(a));
}

/// An object or a reference, made in its place by a call: a member that may share its place with another is moved into.
template <class T>
struct held {
  T value;

  template <class Get>
  explicit held(Get&& get) noexcept(noexcept(get())) : value(get()) {}
};
template <class T>
  requires std::is_empty_v<T> && std::is_trivially_move_constructible_v<T> && std::is_trivially_destructible_v<T>
struct held<T> {
  [[no_unique_address]] T value;

  template <class Get>
  explicit held(Get&& get) noexcept(noexcept(get())) : value(get()) {}
};

/// What is awaited, and its awaiter by [expr.await]/3. `Awaitable` is a type for a prvalue, which is made in here and never
/// moved, and a reference for anything else.
template <class Awaitable>
class awaited {
 public:
  template <class Get>
  explicit awaited(Get&& get) noexcept(noexcept(get())) : awaitable_(get) {}
  awaited(const awaited&) = delete;
  awaited& operator=(const awaited&) = delete;

  auto& awaiter() noexcept { return static_cast<std::remove_reference_t<Awaitable>&>(awaitable_.value); }

 private:
  [[no_unique_address]] held<Awaitable> awaitable_;
};

template <class Awaitable>
  requires has_co_await<Awaitable>
class awaited<Awaitable> {
 public:
  template <class Get>
  explicit awaited(Get&& get) noexcept(noexcept(get()) && co_await_is_noexcept<Awaitable>())
      : awaitable_(get), awaiter_([this]() noexcept(co_await_is_noexcept<Awaitable>()) -> decltype(auto) {
          return call_co_await(static_cast<Awaitable&&>(awaitable_.value));
        }) {}
  awaited(const awaited&) = delete;
  awaited& operator=(const awaited&) = delete;

  auto& awaiter() noexcept { return static_cast<std::remove_reference_t<awaiter_type>&>(awaiter_.value); }

 private:
  using awaiter_type = decltype(call_co_await(std::declval<Awaitable>()));

  [[no_unique_address]] held<Awaitable> awaitable_;
  [[no_unique_address]] held<awaiter_type> awaiter_;
};

template <class Awaitable>
using awaiter_for = std::remove_reference_t<decltype(std::declval<awaited<Awaitable>&>().awaiter())>;

template <class Awaiter>
inline constexpr await_kind kind_of_await{type_text<Awaiter>(), sizeof(Awaiter)};

/// Hands the coroutine on under the promise type that its author knows.
template <class Promise, class Awaiter>
decltype(auto) suspend_with(Awaiter& awaiter, std::coroutine_handle<> tracked) noexcept(
    noexcept(awaiter.await_suspend(std::coroutine_handle<Promise>()))) {
  return awaiter.await_suspend(std::coroutine_handle<Promise>::from_address(tracked.address()));
}

/// Whether what the coroutine's author may await can be awaited from here: an operator that is found only where the co_await
/// stands, or functions that only friends may call, cannot.
template <class Promise, class Awaitable>
concept awaited_from_here = has_co_await<Awaitable> ||
    requires(std::remove_reference_t<Awaitable>& awaiter, std::coroutine_handle<Promise> handle) {
  awaiter.await_ready();
  awaiter.await_suspend(handle);
  awaiter.await_resume();
};

/// The awaiter of a co_await or a co_yield.
template <class Promise, class Awaitable>
class tracked_await {
  using awaiter_type = awaiter_for<Awaitable>;

 public:
  template <class Get>
  tracked_await(coroutine_node& node, Get&& get) : node_(node), awaited_(static_cast<Get&&>(get)) {}

  decltype(auto) await_ready() noexcept(noexcept(std::declval<awaiter_type&>().await_ready())) {
    return awaited_.awaiter().await_ready();
  }

  /// Nothing is touched after the user's own function has begun: the coroutine may be resumed or destroyed in it.
  decltype(auto) await_suspend(std::coroutine_handle<> tracked) noexcept(
      noexcept(suspend_with<Promise>(std::declval<awaiter_type&>(), tracked))) {
    awaiter_type& awaiter = awaited_.awaiter();
    node_.suspend(kind_of_await<awaiter_type>, &awaiter);
#if defined(__cpp_exceptions)
    if constexpr (!noexcept(suspend_with<Promise>(awaiter, tracked))) {
      try {
        return suspend_with<Promise>(awaiter, tracked);
      } catch (...) {
        node_.run();  // [expr.await]/5: the coroutine is resumed at once
        throw;
      }
    } else
#endif
      return suspend_with<Promise>(awaiter, tracked);
  }

  decltype(auto) await_resume() noexcept(noexcept(std::declval<awaiter_type&>().await_resume())) {
    node_.run();
    return awaited_.awaiter().await_resume();
  }

 private:
  coroutine_node& node_;
  [[no_unique_address]] awaited<Awaitable> awaited_;
};

template <class Promise>
constexpr bool initial_suspend_is_noexcept() noexcept {
  using awaitable = decltype(std::declval<Promise&>().initial_suspend());
  if constexpr (has_co_await<awaitable>)
    return noexcept(std::declval<Promise&>().initial_suspend()) && co_await_is_noexcept<awaitable>();
  else
    return noexcept(std::declval<Promise&>().initial_suspend());
}

/// The awaiter of the initial suspension.
template <class Promise, class Awaitable>
class tracked_initial_await {
  using awaiter_type = awaiter_for<Awaitable>;

 public:
  template <class Get>
  tracked_initial_await(coroutine_node& node, Get&& get) : node_(node), awaited_(static_cast<Get&&>(get)) {}

  decltype(auto) await_ready() noexcept(noexcept(std::declval<awaiter_type&>().await_ready())) {
    return awaited_.awaiter().await_ready();
  }
  decltype(auto) await_suspend(std::coroutine_handle<> tracked) noexcept(
      noexcept(suspend_with<Promise>(std::declval<awaiter_type&>(), tracked))) {
    return suspend_with<Promise>(awaited_.awaiter(), tracked);
  }
  decltype(auto) await_resume() noexcept(noexcept(std::declval<awaiter_type&>().await_resume())) {
    node_.run();
    return awaited_.awaiter().await_resume();
  }

 private:
  coroutine_node& node_;
  [[no_unique_address]] awaited<Awaitable> awaited_;
};

/// The awaiter of the final suspension. What may throw in it the compiler refuses, [dcl.fct.def.coroutine]/15, as it does
/// untracked.
template <class Promise, class Layer, class Awaitable>
class tracked_final_await {
  using awaiter_type = awaiter_for<Awaitable>;

 public:
  template <class Get>
  explicit tracked_final_await(Get&& get) noexcept(std::is_nothrow_constructible_v<awaited<Awaitable>, Get&>)
      : awaited_(static_cast<Get&&>(get)) {}

  decltype(auto) await_ready() noexcept(noexcept(std::declval<awaiter_type&>().await_ready())) {
    return awaited_.awaiter().await_ready();
  }
  decltype(auto) await_suspend(std::coroutine_handle<> tracked) noexcept(
      noexcept(suspend_with<Promise>(std::declval<awaiter_type&>(), tracked))) {
    std::coroutine_handle<Layer>::from_address(tracked.address()).promise().taskleak_node_.finish();
    return suspend_with<Promise>(awaited_.awaiter(), tracked);
  }
  decltype(auto) await_resume() noexcept(noexcept(std::declval<awaiter_type&>().await_resume())) {
    return awaited_.awaiter().await_resume();
  }

 private:
  [[no_unique_address]] awaited<Awaitable> awaited_;
};

/// `get` returns what is awaited, as it is: it is called where the result is made.
template <class Promise, class Get>
decltype(auto) track_await(coroutine_node& node, Get get) {
  using awaitable = decltype(get());
  if constexpr (awaited_from_here<Promise, awaitable>) {
    return tracked_await<Promise, awaitable>(node, get);
  } else {
    // its end will not be seen: the coroutine is taken to wait until it comes to another place
    node.suspend(kind_of_await<std::remove_reference_t<awaitable>>, nullptr);
    return get();
  }
}

}  // namespace taskleak::inline v0::detail

#endif
