// SPDX-License-Identifier: MIT
/// \file A count of coroutines that are still at work, and a wait for the last of them.
#ifndef EXAMPLES_ASYNC_WAIT_GROUP_HPP
#define EXAMPLES_ASYNC_WAIT_GROUP_HPP

#include <coroutine>
#include <cstddef>
#include <utility>

namespace async {

class wait_group {
 public:
  struct awaiter {
    wait_group& group;

    bool await_ready() noexcept { return group.open_ == 0; }
    void await_suspend(std::coroutine_handle<> who) noexcept { group.waiting_ = who; }
    void await_resume() noexcept {}
  };

  void add(std::size_t jobs) { open_ += jobs; }

  /// The last one resumes who waits.
  void done() {
    if (--open_ == 0 && waiting_) std::exchange(waiting_, nullptr).resume();
  }

  /// `co_await` waits until every job that was added is done.
  awaiter wait() noexcept { return {*this}; }

 private:
  std::coroutine_handle<> waiting_;
  std::size_t open_ = 0;
};

}  // namespace async

#endif
