// SPDX-License-Identifier: MIT
/// \file A file as an asynchronous program has it, for compile_time.cmake: three promise types, 90 coroutines, some 260
/// co_awaits.
#include <coroutine>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// The usual lazy task: its end goes on with who awaits it.
template <class T>
class task {
 public:
  struct promise_type {
    struct end_awaiter {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> ended) noexcept {
        return ended.promise().awaited_by ? ended.promise().awaited_by : std::noop_coroutine();
      }
      void await_resume() noexcept {}
    };
    task get_return_object() { return task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    end_awaiter final_suspend() noexcept { return {}; }
    template <class U>
    void return_value(U&& v) {
      value.emplace(std::forward<U>(v));
    }
    void unhandled_exception() { failure = std::current_exception(); }

    std::coroutine_handle<> awaited_by;
    std::optional<T> value;
    std::exception_ptr failure;
  };

  struct awaiter {
    std::coroutine_handle<promise_type> handle;
    bool await_ready() { return handle.done(); }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> who) {
      handle.promise().awaited_by = who;
      return handle;
    }
    T await_resume() {
      if (handle.promise().failure) std::rethrow_exception(handle.promise().failure);
      return std::move(*handle.promise().value);
    }
  };

  explicit task(std::coroutine_handle<promise_type> h) : handle_(h) {}
  task(task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  task& operator=(task&&) = delete;
  ~task() {
    if (handle_) handle_.destroy();
  }
  awaiter operator co_await() && { return {handle_}; }

 private:
  std::coroutine_handle<promise_type> handle_;
};

/// An awaitable that is an awaiter itself, as an event or a timer is.
struct event {
  std::coroutine_handle<> waiting;
  bool await_ready() noexcept { return false; }
  void await_suspend(std::coroutine_handle<> who) noexcept { waiting = who; }
  void await_resume() noexcept {}
};

event& event_number(unsigned);

template <class T, unsigned N>
struct channel {
  event& changed = event_number(N);
  task<T> receive() {
    co_await changed;
    co_return T();
  }
  task<int> send(T value) {
    static_cast<void>(value);
    co_await changed;
    co_await event_number(N + 1);
    co_return 1;
  }
};

/// Eleven coroutines for each number.
template <unsigned N>
struct session {
  channel<int, N> numbers;
  channel<std::string, N> texts;
  channel<std::vector<int>, N> lists;

  task<int> read() {
    const int first = co_await numbers.receive();
    const int second = co_await numbers.receive();
    co_await event_number(N);
    co_await event_number(N + 1);
    co_return first + second;
  }
  task<std::string> name() {
    std::string text = co_await texts.receive();
    co_await event_number(N);
    text += co_await texts.receive();
    co_await texts.send(text);
    co_return text;
  }
  task<std::vector<int>> batch() {
    std::vector<int> all = co_await lists.receive();
    for (int i = 0; i < 10; ++i) all.push_back(co_await numbers.receive());
    co_await lists.send(all);
    co_await event_number(N);
    co_return all;
  }
  task<int> serve() {
    int sum = 0;
    for (;;) {
      sum += co_await read();
      sum += co_await numbers.send(sum);
      const std::string text = co_await name();
      if (text.empty()) break;
      const std::vector<int> all = co_await batch();
      sum += static_cast<int>(all.size());
      co_await event_number(N);
    }
    co_return sum;
  }
  task<int> serve_twice() {
    const int first = co_await serve();
    const int second = co_await serve();
    co_return first + second;
  }
};

template <unsigned... N>
task<int> serve_all(std::integer_sequence<unsigned, N...>) {
  int sum = 0;
  ((sum += co_await session<N>().serve_twice()), ...);
  co_return sum;
}

task<int> everything() { return serve_all(std::make_integer_sequence<unsigned, 8>()); }
