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
concept has_member_co_await = requires(A&& a) { static_cast<A&&>(a).operator co_await(); };
template <class A>
concept has_free_co_await = requires(A&& a) { operator co_await(static_cast<A&&>(a)); };
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

/// What is awaited, and its awaiter by [expr.await]/3. `Awaitable` is a type for a prvalue, which is made in here and never moved,
/// and a reference for anything else.
template <class Awaitable>
class awaited {
 public:
  template <class Get>
  explicit awaited(Get&& get) noexcept(noexcept(get())) : awaitable_(get()) {}
  awaited(const awaited&) = delete;
  awaited& operator=(const awaited&) = delete;

  auto& awaiter() noexcept { return static_cast<std::remove_reference_t<Awaitable>&>(awaitable_); }

 private:
  [[no_unique_address]] Awaitable awaitable_;
};

template <class Awaitable>
  requires has_co_await<Awaitable>
class awaited<Awaitable> {
 public:
  template <class Get>
  explicit awaited(Get&& get) noexcept(noexcept(get()) && co_await_is_noexcept<Awaitable>())
      : awaitable_(get()), awaiter_(call_co_await(static_cast<Awaitable&&>(awaitable_))) {}
  awaited(const awaited&) = delete;
  awaited& operator=(const awaited&) = delete;

  auto& awaiter() noexcept { return static_cast<std::remove_reference_t<awaiter_type>&>(awaiter_); }

 private:
  using awaiter_type = decltype(call_co_await(std::declval<Awaitable>()));

  [[no_unique_address]] Awaitable awaitable_;
  [[no_unique_address]] awaiter_type awaiter_;
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

/// The awaiter of the final suspension, which no function of may throw, [dcl.fct.def.coroutine]/15.
template <class Promise, class Layer, class Awaitable>
class tracked_final_await {
 public:
  template <class Get>
  explicit tracked_final_await(Get&& get) noexcept : awaited_(static_cast<Get&&>(get)) {}

  decltype(auto) await_ready() noexcept { return awaited_.awaiter().await_ready(); }
  decltype(auto) await_suspend(std::coroutine_handle<> tracked) noexcept {
    std::coroutine_handle<Layer>::from_address(tracked.address()).promise().taskleak_node_.finish();
    return suspend_with<Promise>(awaited_.awaiter(), tracked);
  }
  decltype(auto) await_resume() noexcept { return awaited_.awaiter().await_resume(); }

 private:
  [[no_unique_address]] awaited<Awaitable> awaited_;
};

}  // namespace taskleak::inline v0::detail

#endif
