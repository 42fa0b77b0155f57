// SPDX-License-Identifier: MIT
/// \file Explicit wrappers of the standard library's threads, for platforms and programs in which they cannot be hooked.
///
/// On Linux nobody needs them: the main line sees every thread. They serve where it cannot, as in an executable whose version
/// script hides its symbols. In a program without a main line they are the standard's own threads plus one load.
#ifndef TASKLEAK_THREAD_HPP
#define TASKLEAK_THREAD_HPP

#include <taskleak/detail/registry/thread_announcer.hpp>

#include <cstdint>
#include <functional>
#include <future>
#include <thread>
#include <type_traits>
#include <utility>

namespace taskleak::inline v0 {

namespace detail {

/// The callable of a wrapped thread: starts the record's life, then calls. Invocable exactly as the wrapped callable is.
template <class F>
class announced_callable {
 public:
  announced_callable(F callable, bool detached) : birth_(detached), callable_(std::move(callable)) {}

  template <class... Args>
    requires std::is_invocable_v<F, Args...> std::invoke_result_t<F, Args...>
  operator()(Args&&... args) {
    birth_.start();
    return std::invoke(std::move(callable_), std::forward<Args>(args)...);
  }

 private:
  announced_birth birth_;
  F callable_;
};

template <class F>
announced_callable<std::decay_t<F>> announce(F&& callable, bool detached = false) {
  return {std::forward<F>(callable), detached};
}

/// After a join or detach of the handle.
template <class Handle>
void announce_release(Handle handle, bool joined) noexcept {
  if (const thread_announcer* announcer = the_thread_announcer.load_acquire()) announcer->release((std::uintptr_t)handle, joined);
}

}  // namespace detail

/// std::thread, announced to the registry; everything else is inherited.
class thread : public std::thread {
 public:
  thread() noexcept = default;

  template <class F, class... Args>
    requires(!std::is_same_v<std::remove_cvref_t<F>, thread> && std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...>)
  explicit thread(F&& callable, Args&&... args)
      : std::thread(detail::announce(std::forward<F>(callable)), std::forward<Args>(args)...) {}

  void join() {
    const native_handle_type handle = native_handle();
    std::thread::join();
    detail::announce_release(handle, true);
  }
  void detach() {
    const native_handle_type handle = native_handle();
    std::thread::detach();
    detail::announce_release(handle, false);
  }
};

/// std::jthread, announced to the registry: requests a stop and joins when it is destroyed or assigned to.
class jthread : public std::jthread {
 public:
  jthread() noexcept = default;

  template <class F, class... Args>
    requires(!std::is_same_v<std::remove_cvref_t<F>, jthread> &&
             (std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...> ||
              std::is_invocable_v<std::decay_t<F>, std::stop_token, std::decay_t<Args>...>))
  explicit jthread(F&& callable, Args&&... args)
      : std::jthread(detail::announce(std::forward<F>(callable)), std::forward<Args>(args)...) {}

  jthread(jthread&&) noexcept = default;
  jthread& operator=(jthread&& other) noexcept {
    if (this != &other) {
      end();
      std::jthread::operator=(std::move(other));
    }
    return *this;
  }
  ~jthread() { end(); }

  void join() {
    const native_handle_type handle = native_handle();
    std::jthread::join();
    detail::announce_release(handle, true);
  }
  void detach() {
    const native_handle_type handle = native_handle();
    std::jthread::detach();
    detail::announce_release(handle, false);
  }

 private:
  void end() {
    if (!joinable()) return;
    request_stop();
    join();
  }
};

/// std::async, its thread announced to the registry. Only std::launch::async is sure to have one: other policies pass through.
template <class F, class... Args>
auto async(std::launch policy, F&& callable, Args&&... args) {
  if (policy == std::launch::async)
    return std::async(policy, detail::announce(std::forward<F>(callable), true), std::forward<Args>(args)...);
  return std::async(policy, std::forward<F>(callable), std::forward<Args>(args)...);
}

template <class F, class... Args>
  requires(!std::is_same_v<std::remove_cvref_t<F>, std::launch>)
auto async(F&& callable, Args&&... args) { return std::async(std::forward<F>(callable), std::forward<Args>(args)...); }

}  // namespace taskleak::inline v0

#endif
