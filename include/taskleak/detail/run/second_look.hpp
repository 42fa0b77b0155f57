// SPDX-License-Identifier: MIT
/// \file Judges again, when a test has ended, what a guard in the test has reported as held by the test's own function.
///
/// While the function runs, its frame has words of objects that are gone, and so may seem to hold a task that nobody can reach.
#ifndef TASKLEAK_DETAIL_RUN_SECOND_LOOK_HPP
#define TASKLEAK_DETAIL_RUN_SECOND_LOOK_HPP

#include <taskleak/detail/inspect/wait_words.hpp>
#include <taskleak/detail/platform/choice.hpp>
#include <taskleak/detail/probe/coroutine/live_coroutine.hpp>
#include <taskleak/detail/run/leak_log.hpp>
#include <taskleak/detail/run/reach_judge.hpp>
#include <taskleak/report.hpp>
#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/proc_file.hpp>
#endif

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/proc_file.hpp>
#endif

#include <fmt/core.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace taskleak::inline v0::detail {

#if defined(TASKLEAK_ON_LINUX)

/// Returns a line for each of the test's tasks that is orphaned by now: `thread 48213 "feed" is orphaned since Feed.Closes has
/// ended: nothing that can still run can reach what it waits for`. `stack_of_program` is as for reach_judge.
inline std::vector<std::string> look_again(leak_log& log, const std::string& test, std::uintptr_t stack_of_program) {
  std::vector<straggler> left;
  std::vector<frame_of_straggler> frames;
  for (const task_mark& mark : log.take_held_by_caller(test)) {
    straggler s;
    s.kind = mark.kind;
    s.id = mark.id;
    s.state = mark.kind == task_kind::thread ? state::futex_wait : state::suspended;
    left.push_back(s);
  }
  if (left.empty()) return {};
  for (const live_coroutine& c : copy_coroutines_younger_than(0, [](const coroutine_birth&, bool) { return true; }))
    for (const straggler& s : left)
      if (s.kind == task_kind::coroutine && s.id == c.id()) frames.push_back({s.id, ~c.frame()});
  reach_judge(stack_of_program).judge(left, frames);
  std::vector<std::string> lines;
  for (const straggler& s : left) {
    if (s.verdict != verdict::orphaned) continue;
    std::string name;
#if defined(TASKLEAK_ON_LINUX)
    if (s.kind == task_kind::thread) name = kernel_thread_name(static_cast<int>(s.id));
#endif
    const std::string who = s.kind == task_kind::thread ? thread_in_words(s.id, name) : "coroutine " + std::to_string(s.id);
    lines.push_back(fmt::format("{} is orphaned since {} has ended: {}", who, test, s.reason));
    log.call_orphaned(s.kind, s.id);
  }
  return lines;
}

#else

/// Returns nothing, since nothing tells what can still be reached.
inline std::vector<std::string> look_again(leak_log&, const std::string&, std::uintptr_t) { return {}; }

#endif

}  // namespace taskleak::inline v0::detail

#endif
