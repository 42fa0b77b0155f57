// SPDX-License-Identifier: MIT
/// \file A product whose author tracks a coroutine type: without a test main it costs a load, and works.
#include <taskleak/coroutine.hpp>

#include "kinds.hpp"

#include <cstdio>

namespace {

struct product_task {
  struct promise_type : taskleak::tracked<promise_type> {
    int value = 0;
    product_task get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_value(int v) noexcept { value = v; }
    void unhandled_exception() {}
  };
  std::coroutine_handle<promise_type> handle;
};

product_task waits(kinds::gate& g) {
  co_await g;
  co_return 5;
}

}  // namespace

int main() {
  kinds::gate g;
  const product_task t = waits(g);
  const bool waited = !t.handle.done() && g.waiting.address() == t.handle.address();
  const std::size_t listed = taskleak::detail::all_coroutines.size();
  g.open();
  const bool works = waited && t.handle.done() && t.handle.promise().value == 5;
  t.handle.destroy();
  if (!works) std::puts("the coroutine does not work");
  if (listed != 0) std::puts("a coroutine is listed, though nobody looks");
  return works && listed == 0 ? 0 : 1;
}
