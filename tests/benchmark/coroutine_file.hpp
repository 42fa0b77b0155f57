// SPDX-License-Identifier: MIT
/// \file A file as an asynchronous program has it, for compile_time.cmake: three promise types, 90 coroutines, some 260
/// co_awaits.
#define TASKLEAK_BENCHMARK_NAMESPACE asynchronous
#include "task.hpp"

#include <string>
#include <utility>
#include <vector>

namespace TASKLEAK_BENCHMARK_NAMESPACE {

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

}  // namespace TASKLEAK_BENCHMARK_NAMESPACE
