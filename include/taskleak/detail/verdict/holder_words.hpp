// SPDX-License-Identifier: MIT
/// \file Puts into words what holds a task: the root of the way by which the task can be reached.
#ifndef TASKLEAK_DETAIL_VERDICT_HOLDER_WORDS_HPP
#define TASKLEAK_DETAIL_VERDICT_HOLDER_WORDS_HPP

#include <taskleak/detail/inspect/wait_words.hpp>
#include <taskleak/detail/platform/parked_call.hpp>
#include <taskleak/detail/platform/proc_file.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/symbols/plumbing.hpp>
#include <taskleak/detail/symbols/symbolizer.hpp>
#include <taskleak/detail/unwind/kept_registers.hpp>
#include <taskleak/detail/unwind/stack_walker.hpp>
#include <taskleak/detail/verdict/owner_words.hpp>
#include <taskleak/detail/verdict/owners.hpp>
#include <taskleak/detail/verdict/reach_facts.hpp>
#include <taskleak/report.hpp>

#include <fmt/core.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace taskleak::inline v0::detail {

/// Returns the stack of a parked thread, or of the calling one.
inline raw_stack stack_of_holder(int tid) {
#if defined(TASKLEAK_HAS_OWN_WALKER)
  if (tid == current_tid()) return walk_own_stack();
#endif
  const parked_call call = read_parked_call(tid);
  return call.what == parked_call::kind::blocked ? walk_parked_stack(call.sp, call.pc) : raw_stack{};
}

/// Returns the function in whose frame the address is; one without a name where that is not known.
inline frame function_around(int tid, std::uintptr_t address) {
  const raw_stack stack = stack_of_holder(tid);
  for (std::size_t i = 0; i < stack.addresses.size(); ++i) {
    if (stack.ends[i] <= address || is_of_wait_hook(stack.addresses[i])) continue;  // a hook keeps what is its caller's
    std::vector<frame> found;
    symbols().append(stack.addresses[i], i > 0 && !stack.interrupted[i], found);
    return found.empty() ? frame{} : found.back();
  }
  return {};
}

/// Returns `by the stack of thread 7 "feed" in serve() server.cpp:80`; nothing for a frame that is no user's: a word may be left
/// over there, and nobody uses it.
inline std::string stack_in_words(int tid, std::uintptr_t address) {
  const frame f = function_around(tid, address);
  if (f.function.empty() || origin_of(f) != frame_origin::user) return {};
  const bool is_main = tid == current_pid();
  std::string words = "by the stack of " + (is_main ? std::string("the main thread")
                                                    : thread_in_words(static_cast<std::uint64_t>(tid), kernel_thread_name(tid)));
  return words + place_in_words(f);
}

/// Returns `by global `app::sessions``, or nothing where the holder is nobody whom a reader could ask.
inline std::string holder_in_words(const way_to_task& way) {
  if (way.path.steps == 0) return {};
  const owner_step& root = way.path.last();
  switch (root.in) {
    case owner_step::kind::statics: {
      const std::string name = without_offset(symbols().object_at(root.word));
      if (is_of_framework(name) || name.starts_with("std::__detail::__waiter_pool")) return {};
      return name.empty() ? "by " + static_in_words(root.word) : fmt::format("by global `{}`", name);
    }
    case owner_step::kind::thread: return way.holder == 0 ? std::string() : stack_in_words(way.holder, root.word);
    case owner_step::kind::storage_of_main:  // there is no name for it, and a stale word may be among the library's own
    case owner_step::kind::block:
    case owner_step::kind::mapping: break;
  }
  return {};
}

/// Puts holders into words, one after the other: many tasks with one holder take one look at the holder's stack.
class holder_words {
 public:
  const std::string& of(const way_to_task& way) {
    const std::uintptr_t word = way.path.steps == 0 ? 0 : way.path.last().word;
    if (word == 0 || word != word_) {
      words_ = holder_in_words(way);
      word_ = word;
    }
    return words_;
  }

 private:
  std::uintptr_t word_ = 0;  ///< of the root that was put into words last
  std::string words_;
};

/// Returns the steps from the holder to what the task waits for, or to the coroutine's frame.
inline std::vector<std::string> holders_in_words(const way_to_task& way) {
  std::vector<std::string> words;
  for (std::size_t i = way.path.steps; i > 0; --i) {
    const owner_step& step = way.path.step[i - 1];
    words.push_back(step.in == owner_step::kind::thread ? fmt::format("the stack of thread {}", way.holder)
                                                        : step_in_words(step));
  }
  return words;
}

}  // namespace taskleak::inline v0::detail

#endif
