// SPDX-License-Identifier: MIT
/// \file Defines the awaiters that stand between a coroutine and the user's awaiters, and note suspension and resumption.
///
/// Everything is inlined, at -O0 too, so that a user's function returns into the coroutine's own code, as it does untracked:
/// libraries make their asynchronous stacks from that address (__builtin_return_address).
#ifndef TASKLEAK_DETAIL_PROBE_COROUTINE_AWAIT_HPP
#define TASKLEAK_DETAIL_PROBE_COROUTINE_AWAIT_HPP

#include <taskleak/detail/probe/coroutine/node.hpp>
#include <taskleak/detail/probe/coroutine/type_text.hpp>

#include <coroutine>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace taskleak::inline v0::detail {

enum class await_step : unsigned char { initial, body, final };

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
[[gnu::always_inline]] constexpr decltype(auto) call_co_await(A&& a) noexcept(co_await_is_noexcept<A>()) {
  if constexpr (has_member_co_await<A>)
    return static_cast<A&&>(a).operator co_await();
  else
    return operator co_await(static_cast<A&&>(a));
}

/// Holds an object that a call made in its place.
template <class T>
struct held {
  T object;

  template <class Get>
  [[gnu::always_inline]] explicit held(Get&& get) noexcept(noexcept(get())) : object(get()) {}
};
/// Holds an empty object, which may share its place with another member and so has to be moved in.
template <class T>
  requires std::is_empty_v<T> && std::is_trivially_move_constructible_v<T> && std::is_trivially_destructible_v<T>
struct held<T> {
  [[no_unique_address]] T object;

  template <class Get>
  [[gnu::always_inline]] explicit held(Get&& get) noexcept(noexcept(get())) : object(get()) {}
};

template <class Owner>
[[gnu::always_inline]] inline coroutine_node& node_in(std::coroutine_handle<> tracked) noexcept {
  return std::coroutine_handle<Owner>::from_address(tracked.address()).promise().taskleak_node_;
}

/// Holds the user's awaiter, and finds the coroutine's node at suspension and resumption. `Owner` is the promise type that has
/// the node, or void.
template <await_step Step, class T, class Owner>
class awaiter_place {
 public:
  template <class Get>
  [[gnu::always_inline]] awaiter_place(coroutine_node& node, Get&& get) noexcept(noexcept(get())) : node_(node), awaiter_(get) {}

  [[gnu::always_inline]] T& before() noexcept { return awaiter_.object; }
  [[gnu::always_inline]] coroutine_node& suspend(std::coroutine_handle<>) noexcept { return node_; }
  [[gnu::always_inline]] T& after() noexcept {
    node_.run();
    return awaiter_.object;
  }

 private:
  coroutine_node& node_;
  [[no_unique_address]] held<T> awaiter_;
};

/// Holds the awaiter of a final suspension, after which the coroutine is not resumed.
template <class T, class Owner>
class awaiter_place<await_step::final, T, Owner> {
 public:
  template <class Get>
  [[gnu::always_inline]] awaiter_place(coroutine_node&, Get&& get) noexcept(noexcept(get())) : awaiter_(get) {}

  [[gnu::always_inline]] T& before() noexcept { return awaiter_.object; }
  [[gnu::always_inline]] T& after() noexcept { return awaiter_.object; }

 private:
  [[no_unique_address]] held<T> awaiter_;
};

/// Refers to an awaiter of the user's that lies elsewhere, in one word. GCC reserves room in the frame for each co_await, so the
/// object is kept small: before suspension the word is the awaiter's address; from await_suspend() to await_resume() it is the
/// node's address (bit 55 set), and the node keeps the awaiter's address. The word must not be the node's earlier: for
/// `b ? co_await x : co_await y` GCC 12 makes both awaiters before it asks either.
template <class T, class Owner>
  requires(std::is_reference_v<T> && !std::is_void_v<Owner>)
class awaiter_place<await_step::body, T, Owner> {
  using target = std::remove_reference_t<T>;
  /// Marks the word as a node's address. No address of user space has this bit, with a tag in the uppermost byte or without (on
  /// x86-64, unless a program asks for such an address), see the kernel's Documentation/arch/x86/x86_64/mm.rst and
  /// Documentation/arch/arm64/memory.rst.
  static constexpr std::uint64_t is_node = std::uint64_t{1} << 55;

 public:
  template <class Get>
  [[gnu::always_inline]] awaiter_place(coroutine_node&, Get&& get) noexcept(noexcept(get())) {
    T&& awaiter = get();
    word_ = reinterpret_cast<std::uintptr_t>(__builtin_addressof(awaiter));
  }

  [[gnu::always_inline]] target& before() noexcept { return *reinterpret_cast<target*>(word_); }
  [[gnu::always_inline]] coroutine_node& suspend(std::coroutine_handle<> tracked) noexcept {
    coroutine_node& node = node_in<Owner>(tracked);
    word_ = reinterpret_cast<std::uintptr_t>(&node) | is_node;
    return node;
  }
  [[gnu::always_inline]] target& after() noexcept {
    if (!(word_ & is_node)) return before();  // the awaiter was ready: the coroutine has not been suspended
    auto& node = *reinterpret_cast<coroutine_node*>(word_ & ~is_node);
    node.run();
    return *static_cast<target*>(node.awaiter_address());
  }

 private:
  std::uint64_t word_;
};

/// Holds the awaiter of an awaitable, by [expr.await]/3. `Awaitable` is a type for a prvalue, which is made in this object and
/// never moved, and a reference for anything else.
template <await_step Step, class Awaitable, class Owner>
struct awaited : awaiter_place<Step, Awaitable, Owner> {
  template <class Get>
  [[gnu::always_inline]] awaited(coroutine_node& node, Get&& get) noexcept(noexcept(get()))
      : awaiter_place<Step, Awaitable, Owner>(node, get) {}
};

template <has_co_await Awaitable>
using awaiter_by_operator = decltype(call_co_await(std::declval<Awaitable>()));

/// Returns the awaiter of the awaitable that `get` returns.
template <class Awaitable, class Get>
struct awaiter_of_result {
  Get& get;
  [[gnu::always_inline]] decltype(auto) operator()() const noexcept(noexcept(get()) && co_await_is_noexcept<Awaitable>()) {
    return call_co_await(static_cast<Awaitable&&>(get()));
  }
};
/// Returns the awaiter of an awaitable that has been made.
template <class Awaitable>
struct awaiter_of_object {
  held<Awaitable>& of;
  [[gnu::always_inline]] decltype(auto) operator()() const noexcept(co_await_is_noexcept<Awaitable>()) {
    return call_co_await(static_cast<Awaitable&&>(of.object));
  }
};

template <await_step Step, has_co_await Awaitable, class Owner>
  requires std::is_reference_v<Awaitable>
struct awaited<Step, Awaitable, Owner> : awaiter_place<Step, awaiter_by_operator<Awaitable>, Owner> {
  template <class Get>
  [[gnu::always_inline]] awaited(coroutine_node& node, Get&& get) noexcept(noexcept(get()) && co_await_is_noexcept<Awaitable>())
      : awaiter_place<Step, awaiter_by_operator<Awaitable>, Owner>(
            node, awaiter_of_result<Awaitable, std::remove_reference_t<Get>>{get}) {}
};

template <await_step Step, has_co_await Awaitable, class Owner>
  requires(!std::is_reference_v<Awaitable>)
struct awaited<Step, Awaitable, Owner> : held<Awaitable>, awaiter_place<Step, awaiter_by_operator<Awaitable>, Owner> {
  template <class Get>
  [[gnu::always_inline]] awaited(coroutine_node& node, Get&& get) noexcept(noexcept(get()) && co_await_is_noexcept<Awaitable>())
      : held<Awaitable>(get),
        awaiter_place<Step, awaiter_by_operator<Awaitable>, Owner>(node, awaiter_of_object<Awaitable>{*this}) {}
};

template <class Awaitable>
using awaiter_for = std::remove_reference_t<decltype(std::declval<awaited<await_step::body, Awaitable, void>&>().before())>;

/// Whether the awaiter is made for this co_await alone, in the coroutine's frame, and is not an older object. A prvalue that a
/// promise's await_transform() hands on arrives as an rvalue reference.
template <class Awaitable>
inline constexpr bool makes_awaiter = !std::is_lvalue_reference_v<Awaitable>;
template <has_co_await Awaitable>
inline constexpr bool makes_awaiter<Awaitable> = !std::is_lvalue_reference_v<awaiter_by_operator<Awaitable>>;

template <class Awaiter, bool IsMadeHere>
inline constexpr await_kind kind_of_await{type_text<Awaiter>(), sizeof(Awaiter), IsMadeHere, std::is_polymorphic_v<Awaiter>};

/// Passes the coroutine to the user's awaiter under the promise type that the coroutine's author knows.
template <class Promise, class Awaiter>
[[gnu::always_inline]] inline decltype(auto) suspend_with(Awaiter& awaiter, std::coroutine_handle<> tracked) noexcept(
    noexcept(awaiter.await_suspend(std::coroutine_handle<Promise>()))) {
  return awaiter.await_suspend(std::coroutine_handle<Promise>::from_address(tracked.address()));
}

/// Whether the awaitable can be awaited from this code. It cannot if its operator is found only where the co_await stands, or if
/// only friends may call its functions.
template <class Promise, class Awaitable>
concept awaited_from_here = has_co_await<Awaitable> ||
    requires(std::remove_reference_t<Awaitable>& awaiter, std::coroutine_handle<Promise> handle) {
  awaiter.await_ready();
  awaiter.await_suspend(handle);
  awaiter.await_resume();
};

/// Awaits in the user's place and tells the node of suspension and resumption. In a final suspension the compiler refuses
/// whatever may throw, [dcl.fct.def.coroutine]/15, as it does untracked.
template <await_step Step, class Promise, class Owner, class Awaitable>
class tracked_await {
  using awaiter_type = awaiter_for<Awaitable>;

 public:
  template <class Get>
  [[gnu::always_inline]] tracked_await(coroutine_node& node, Get&& get) noexcept(
      std::is_nothrow_constructible_v<awaited<Step, Awaitable, Owner>, coroutine_node&, Get&>)
      : awaited_(node, get) {}
  tracked_await(const tracked_await&) = delete;
  tracked_await& operator=(const tracked_await&) = delete;

  [[gnu::always_inline]] decltype(auto) await_ready() noexcept(noexcept(std::declval<awaiter_type&>().await_ready())) {
    return awaited_.before().await_ready();
  }

  /// Calls the user's await_suspend() and touches nothing after that call: the coroutine may be resumed or destroyed in it.
  [[gnu::always_inline]] decltype(auto) await_suspend(std::coroutine_handle<> tracked) noexcept(
      noexcept(suspend_with<Promise>(std::declval<awaiter_type&>(), tracked))) {
    using result = decltype(suspend_with<Promise>(std::declval<awaiter_type&>(), tracked));
    constexpr bool hands_on = !std::is_void_v<result> && !std::is_same_v<result, bool>;
    if constexpr (Step != await_step::body) {
      if constexpr (hands_on) note_transfer(tracked.address(), nullptr, Step == await_step::final);
      return suspend_with<Promise>(awaited_.before(), tracked);
    } else {
      awaiter_type& awaiter = awaited_.before();
      coroutine_node& node = awaited_.suspend(tracked);
      if constexpr (hands_on) note_transfer(tracked.address(), data_of(node.place_of_await()), false);
      node.suspend(kind_of_await<awaiter_type, makes_awaiter<Awaitable>>, __builtin_addressof(awaiter));
#if defined(__cpp_exceptions)
      if constexpr (!noexcept(suspend_with<Promise>(awaiter, tracked))) {
        try {
          return suspend_with<Promise>(awaiter, tracked);
        } catch (...) {
          node.run();  // [expr.await]/5: the coroutine is resumed at once
          throw;
        }
      } else
#endif
        return suspend_with<Promise>(awaiter, tracked);
    }
  }

  [[gnu::always_inline]] decltype(auto) await_resume() noexcept(noexcept(std::declval<awaiter_type&>().await_resume())) {
    return awaited_.after().await_resume();
  }

 private:
  [[no_unique_address]] awaited<Step, Awaitable, Owner> awaited_;
};

/// Suspends a coroutine at its start, as a std::suspend_always of the user's does. One class for all promises, as most start so.
class first_suspension {
 public:
  [[gnu::always_inline]] explicit first_suspension(coroutine_node& node) noexcept : node_(node) {}

  [[gnu::always_inline]] bool await_ready() noexcept { return false; }
  [[gnu::always_inline]] void await_suspend(std::coroutine_handle<>) noexcept {}
  [[gnu::always_inline]] void await_resume() noexcept { node_.run(); }

 private:
  coroutine_node& node_;
};

template <class Get>
constexpr bool awaiting_is_noexcept() noexcept {
  using awaitable = decltype(std::declval<Get&>()());
  if constexpr (has_co_await<awaitable>)
    return noexcept(std::declval<Get&>()()) && co_await_is_noexcept<awaitable>();
  else
    return noexcept(std::declval<Get&>()());
}

/// Returns the tracking awaiter for the awaitable that `get` returns. `get` is called where the result is made.
template <await_step Step, class Promise, class Owner, class Get>
[[gnu::always_inline]] inline decltype(auto) track_await(coroutine_node& node, Get get) noexcept(awaiting_is_noexcept<Get>()) {
  using awaitable = decltype(get());
  // before any function of the user's, since an await_ready() may let another thread destroy the coroutine
  if constexpr (Step == await_step::final) node.finish();
  constexpr bool is_always = std::is_same_v<awaitable, std::suspend_always>;
  if constexpr (Step == await_step::initial && std::is_same_v<awaitable, std::suspend_never>) {
    std::suspend_never awaiter = get();
    node.run();
    return awaiter;
  } else if constexpr (Step == await_step::initial && is_always) {
    get();
    return first_suspension(node);
  } else if constexpr (Step == await_step::final && (is_always || std::is_same_v<awaitable, std::suspend_never>)) {
    return get();
  } else if constexpr (awaited_from_here<Promise, awaitable>) {
    return tracked_await<Step, Promise, Owner, awaitable>(node, get);
  } else {
    note_transfer(&node, nullptr, Step == await_step::final);
    // the end of this wait will not be seen: the coroutine counts as waiting until it is suspended again
    if constexpr (Step == await_step::body) node.suspend(kind_of_await<std::remove_reference_t<awaitable>, false>, nullptr);
    return get();
  }
}

}  // namespace taskleak::inline v0::detail

#endif
