// SPDX-License-Identifier: MIT
/// \file Wraps the standard library's threads, for platforms and programs in which threads cannot be hooked.
///
/// The wrappers are rarely needed on Linux, where the main line sees every thread. They help where the hooks are not in effect,
/// as in an executable whose version script hides its symbols. In a program without a main line a wrapper costs one load.
#ifndef TASKLEAK_THREAD_HPP
#define TASKLEAK_THREAD_HPP

#include <taskleak/detail/registry/thread_announcer.hpp>

#include <cstdint>
#include <functional>
#include <future>
#include <thread>
#include <type_traits>
#include <utility>
#include <version>

namespace taskleak::inline v0 {

namespace detail {

/// Says that the thread's function has ended, by return or exception, where nothing else does.
class announced_end {
 public:
  announced_end(const thread_announcer* announcer, void* record) noexcept
      : finished_(record ? announcer->finished : nullptr), record_(record) {}
  ~announced_end() {
    if (finished_) finished_(record_);
  }
  announced_end(const announced_end&) = delete;
  announced_end& operator=(const announced_end&) = delete;

 private:
  void (*finished_)(void* record) noexcept;
  void* record_;
};

/// Starts the life of the thread's record, then calls the wrapped callable. Invocable exactly as that callable is.
template <class F>
class announced_callable {
 public:
  announced_callable(F callable, bool detached) : birth_(detached), callable_(std::move(callable)) {}

  const announced_birth& birth() const noexcept { return birth_; }

  template <class... Args>
    requires std::is_invocable_v<F, Args...> std::invoke_result_t<F, Args...>
  operator()(Args&&... args) {
    const announced_end at_end(birth_.announcer(), birth_.start());
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

/// Tags the constructors that announce the thread.
struct to_announce {};

/// Returns a thread's native handle as a number; glibc's handle is a number already.
template <class Handle>
std::uintptr_t number_of(Handle handle) noexcept {
  if constexpr (std::is_pointer_v<Handle>)
    return reinterpret_cast<std::uintptr_t>(handle);
  else
    return handle;
}

/// Announces the thread's handle, which the creator knows only once the thread has started.
struct announced_creation {
  const thread_announcer* announcer;
  void* record;

  template <class F>
  explicit announced_creation(const announced_callable<F>& callable) noexcept
      : announcer(callable.birth().announcer()), record(callable.birth().record()) {}

  template <class Handle>
  void end(Handle handle) const noexcept {
    if (record) announcer->created(record, number_of(handle));
  }
};

/// Joins or detaches a thread, and announces that.
template <class Thread, class Release>
void announce_release(Thread& thread, bool joined, Release release) {
  const thread_announcer* const announcer = the_thread_announcer.load_acquire();
  if (!announcer) return release();
  const std::uintptr_t handle = number_of(thread.native_handle());
  const std::uint64_t serial = announcer->serial_of(handle);
  release();
  announcer->release(handle, serial, joined);
}

}  // namespace detail

/// Behaves as std::thread does, and is announced to the registry.
class thread : public std::thread {
 public:
  thread() noexcept = default;

  template <class F, class... Args>
    requires(!std::is_same_v<std::remove_cvref_t<F>, thread> && std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...>)
  explicit thread(F&& callable, Args&&... args)
      : thread(detail::to_announce(), detail::announce(std::forward<F>(callable)), std::forward<Args>(args)...) {}

  void join() {
    detail::announce_release(*this, true, [this] { std::thread::join(); });
  }
  void detach() {
    detail::announce_release(*this, false, [this] { std::thread::detach(); });
  }

 private:
  template <class F, class... Args>
  thread(detail::to_announce, detail::announced_callable<F> callable, Args&&... args)
      : thread(detail::announced_creation(callable), std::move(callable), std::forward<Args>(args)...) {}

  template <class F, class... Args>
  thread(const detail::announced_creation& creation, detail::announced_callable<F>&& callable, Args&&... args)
      : std::thread(std::move(callable), std::forward<Args>(args)...) {
    creation.end(native_handle());
  }
};

// why: libc++ up to 19 has std::jthread and std::stop_token with -fexperimental-library only
#if defined(__cpp_lib_jthread)
/// Behaves as std::jthread does, and is announced to the registry: requests a stop and joins when destroyed or assigned to.
class jthread : public std::jthread {
 public:
  jthread() noexcept = default;

  template <class F, class... Args>
    requires(!std::is_same_v<std::remove_cvref_t<F>, jthread> &&
             (std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...> ||
              std::is_invocable_v<std::decay_t<F>, std::stop_token, std::decay_t<Args>...>))
  explicit jthread(F&& callable, Args&&... args)
      : jthread(detail::to_announce(), detail::announce(std::forward<F>(callable)), std::forward<Args>(args)...) {}

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
    detail::announce_release(*this, true, [this] { std::jthread::join(); });
  }
  void detach() {
    detail::announce_release(*this, false, [this] { std::jthread::detach(); });
  }

 private:
  template <class F, class... Args>
  jthread(detail::to_announce, detail::announced_callable<F> callable, Args&&... args)
      : jthread(detail::announced_creation(callable), std::move(callable), std::forward<Args>(args)...) {}

  template <class F, class... Args>
  jthread(const detail::announced_creation& creation, detail::announced_callable<F>&& callable, Args&&... args)
      : std::jthread(std::move(callable), std::forward<Args>(args)...) {
    creation.end(native_handle());
  }

  void end() {
    if (!joinable()) return;
    request_stop();
    join();
  }
};
#endif

/// Calls std::async and announces its thread to the registry. Only std::launch::async is sure to start a thread; other policies
/// are handed on as they are.
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
