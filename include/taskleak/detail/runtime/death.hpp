// SPDX-License-Identifier: MIT
/// \file Lists the threads that were never joined when the program ends by std::terminate or abort.
///
/// A std::thread that is destroyed without a join ends in std::terminate, which says nothing of the thread.
#ifndef TASKLEAK_DETAIL_RUNTIME_DEATH_HPP
#define TASKLEAK_DETAIL_RUNTIME_DEATH_HPP

#include <taskleak/detail/inspect/inspect.hpp>
#include <taskleak/detail/platform/linux/live_thread.hpp>
#include <taskleak/detail/platform/linux/signal_safe_list.hpp>
#include <taskleak/detail/runtime/exit_code.hpp>
#include <taskleak/detail/runtime/run_state.hpp>
#include <taskleak/detail/text/separator.hpp>
#include <taskleak/detail/text/to_text.hpp>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <vector>

namespace taskleak::inline v0::detail {

/// Set once the threads are listed: terminate ends in abort, which need not list them again.
inline std::atomic<bool> threads_are_listed{false};
inline std::terminate_handler terminate_handler_before = nullptr;

inline bool is_joinable(const thread_record& r) noexcept { return (r.events.load_acquire() & thread_event::released) == 0; }

[[noreturn]] inline void list_threads_and_terminate() {
  if (the_run().is_ours() && !threads_are_listed.exchange(true)) {
    std::vector<straggler> described;
    const await_graph no_coroutines;
    coroutine_inspector coroutines(no_coroutines);
    for (const live_thread& t : copy_threads_younger_than(0, is_joinable))
      if (auto s = inspect(t, coroutines)) described.push_back(std::move(*s));
    if (!described.empty()) {
      std::fflush(stdout);
      std::fprintf(stderr, "taskleak: std::terminate while threads are not joined:\n%s%s", separator_line,
                   dump_text(described).c_str());
    }
  }
  if (terminate_handler_before) terminate_handler_before();
  std::abort();
}

extern "C" inline void taskleak_list_threads_on_abort(int number) {
  // why: keep_exit_code_through_crashes() has found this handler in its place
  if (exit_code_to_keep != 0 && !in_child_process()) taskleak_keep_exit_code(number);
  // reached only with the default action in place, which SA_RESETHAND has put back: abort(3) raises the signal again
  if (!in_child_process() && !threads_are_listed.exchange(true)) list_joinable_threads_signal_safely();
}

inline void list_threads_on_death() noexcept {
  static bool installed = false;
  if (installed) return;
  installed = true;
  terminate_handler_before = std::set_terminate(&list_threads_and_terminate);
  struct sigaction before {};
  if (sigaction(SIGABRT, nullptr, &before) != 0 || (before.sa_flags & SA_SIGINFO) || before.sa_handler != SIG_DFL) return;
  struct sigaction ours {};
  ours.sa_handler = &taskleak_list_threads_on_abort;
  ours.sa_flags = static_cast<int>(SA_RESETHAND | SA_ONSTACK);
  sigaction(SIGABRT, &ours, nullptr);
}

}  // namespace taskleak::inline v0::detail

#endif
