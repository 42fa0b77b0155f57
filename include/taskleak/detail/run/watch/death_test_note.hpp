// SPDX-License-Identifier: MIT
/// \file Says once which threads are alive when a death test of GoogleTest forks: GoogleTest warns that it "detected 7 threads",
/// and not which.
#ifndef TASKLEAK_DETAIL_RUN_WATCH_DEATH_TEST_NOTE_HPP
#define TASKLEAK_DETAIL_RUN_WATCH_DEATH_TEST_NOTE_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/base/separator.hpp>
#include <taskleak/detail/platform/frozen_copy.hpp>
#include <taskleak/detail/registry/registry.hpp>
#include <taskleak/detail/report/limits.hpp>
#include <taskleak/detail/report/text/to_text.hpp>
#include <taskleak/detail/run/run_state.hpp>
#include <taskleak/detail/run/signal_safe_list.hpp>
#include <taskleak/detail/run/watch/hang_text.hpp>
#include <taskleak/detail/symbols/symbolizer.hpp>
#include <taskleak/detail/unwind/own_stack.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <pthread.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Whether the calling thread is about to fork for a death test of the style "fast". That of the other style is another program,
/// which has no threads.
inline bool is_in_death_test() {
  const void* stack[64];
  const std::size_t depth = capture_own_stack(stack, sizeof stack / sizeof *stack);
  std::vector<frame> functions;
  for (std::size_t i = 0; i < depth; ++i) symbols().append(reinterpret_cast<std::uintptr_t>(stack[i]), true, functions);
  for (const frame& f : functions)
    if (f.function.find("testing::internal::") != f.function.npos && f.function.find("DeathTest::AssumeRole") != f.function.npos)
      return true;
  return false;
}

/// Writes the threads, on a frozen copy: nobody is held, and no signal is sent.
inline int tell_of_threads_in_death_test(void*) {
  report found = every_task();
  detail::erase_if(found.stragglers, [](const straggler& s) { return s.kind != task_kind::thread || s.is_main; });
  if (found.stragglers.empty()) return 0;
  constexpr std::size_t most = 8;
  report_limits limits = shown_limits();
  limits.stragglers = std::min(limits.stragglers, most);
  std::string text = "taskleak: a death test forks while " + count_in_words(found.stragglers) +
                     (found.stragglers.size() == 1 ? " is" : " are") +
                     " alive; its child has no such thread, and may wait for a lock that one of them holds:\n";
  text += separator_line;
  append_blocks(text, found, limits);
  // not to stderr, which is the death test's own by now; not by stdio, whose buffer the parent will write as well
  signal_safe_writer out(STDOUT_FILENO);
  out.text(text.data(), text.size()).flush();
  return 0;
}

/// Looks at the first few forks only: a program that forks often while threads live is not to pay for each.
inline void tell_before_fork() {
  static constinit light_atomic<bool> has_told{false};
  static constinit light_atomic<int> looks{0};
  constexpr int most_looks = 8;
  constexpr std::int64_t longest_ns = 5'000'000'000;
  if (has_told.load_relaxed() || !the_run().is_ours() || the_registry.size() == 0 || looks.fetch_add(1) >= most_looks) return;
  if (!is_in_death_test() || has_told.exchange(true)) return;
  on_frozen_copy(&tell_of_threads_in_death_test, nullptr, longest_ns);
}

/// Has the note made before each fork from here on.
inline void watch_death_tests() noexcept {
  static bool is_registered = false;
  if (!is_registered) pthread_atfork(&tell_before_fork, nullptr, nullptr);
  is_registered = true;
}

}  // namespace taskleak::inline v0::detail

#endif
