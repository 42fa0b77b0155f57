// SPDX-License-Identifier: MIT
/// \file A coroutine whose frame Clang puts into its caller's, tracked as well. Exits with the number of its allocations.
#include <coroutine>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <new>

namespace {

int allocations = 0;

struct numbers {
  struct promise_type {
    numbers get_return_object() noexcept { return numbers{std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(int number) noexcept {
      last = number;
      return {};
    }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }

    int last = 0;
  };

  explicit numbers(std::coroutine_handle<promise_type> h) noexcept : handle(h) {}
  numbers(const numbers&) = delete;
  numbers& operator=(const numbers&) = delete;
  ~numbers() { handle.destroy(); }

  std::coroutine_handle<promise_type> handle;
};

numbers count_to(int end) {
  for (int i = 0; i < end; ++i) co_yield i;
}

int sum_to(int end) {
  const numbers all = count_to(end);
  int sum = 0;
  for (all.handle.resume(); !all.handle.done(); all.handle.resume()) sum += all.handle.promise().last;
  return sum;
}

}  // namespace

void* operator new(std::size_t bytes) {
  ++allocations;
  if (void* const block = std::malloc(bytes)) return block;
  std::abort();
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }

int main(int argc, char**) {
  allocations = 0;
  const bool adds_up = sum_to(argc * 10) == 45;
  return adds_up ? allocations : 100;
}
