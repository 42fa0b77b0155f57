// SPDX-License-Identifier: MIT
/// \file The coroutines that are timed, in the namespace that the build names: `tracked` or `untracked`.
#include "coroutine_kernels.hpp"

#include "task.hpp"

#include <array>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <utility>

namespace TASKLEAK_BENCHMARK_NAMESPACE {

namespace {

std::size_t last_frame_size = 0;

/// One that its owner starts or not, resumes, and destroys.
template <class Start>
struct plain {
  struct promise_type {
    plain get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    Start initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::abort(); }
  };
  std::coroutine_handle<promise_type> handle;
};

using eager = plain<std::suspend_never>;

/// Tells the size of its frame.
struct measured {
  struct promise_type {
    static void* operator new(std::size_t bytes) {
      last_frame_size = bytes;
      return ::operator new(bytes);
    }
    static void operator delete(void* frame) { ::operator delete(frame); }
    measured get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::abort(); }
  };
  std::coroutine_handle<promise_type> handle;
};

using lazy_task = task<int>;
using eager_task = task<int, std::suspend_never>;

[[gnu::noinline]] eager wait_once() { co_await std::suspend_always(); }
[[gnu::noinline]] measured wait_for_ever() { co_await std::suspend_always(); }
[[gnu::noinline]] lazy_task answer() { co_return 42; }
[[gnu::noinline]] measured await_once() { co_await answer(); }
[[gnu::noinline]] measured await_five_times() {
  co_await answer();
  co_await answer();
  co_await answer();
  co_await answer();
  co_await answer();
}
[[gnu::noinline]] eager_task answer_after(event& e) {
  co_await e;
  co_return 42;
}
[[gnu::noinline]] eager await_answer() { co_await answer(); }
[[gnu::noinline]] eager await_answer_after(event& e) {
  eager_task child = answer_after(e);
  co_await child;
}

template <std::size_t>
lazy_task wait_in() {
  co_await std::suspend_always();
  co_return 1;
}

template <std::size_t I>
eager await_wait_in() {
  co_await wait_in<I>();
}

template <std::size_t... I>
constexpr std::array<eager (*)(), sizeof...(I)> all_of(std::index_sequence<I...>) {
  return {&await_wait_in<I>...};
}

constexpr auto places = all_of(std::make_index_sequence<64>());

}  // namespace

void suspend_once() {
  const eager one = wait_once();
  one.handle.resume();
  one.handle.destroy();
}

void await_lazy() { await_answer().handle.destroy(); }

void await_eager() {
  event e;
  const eager parent = await_answer_after(e);
  e.waiting.resume();
  parent.handle.destroy();
}

void park(coroutine_handles& to) { to.push_back(wait_for_ever().handle); }

void park_pair(coroutine_handles& to, std::size_t which) { to.push_back(places[which % places.size()]().handle); }

std::size_t frame_size() {
  wait_for_ever().handle.destroy();
  return last_frame_size;
}

std::size_t frame_size_of_one_await() {
  await_once().handle.destroy();
  return last_frame_size;
}

std::size_t frame_size_of_five_awaits() {
  await_five_times().handle.destroy();
  return last_frame_size;
}

}  // namespace TASKLEAK_BENCHMARK_NAMESPACE
