// SPDX-License-Identifier: MIT
/// \file Says what a check asks of the live tasks, and what is left out of the answer.
#ifndef TASKLEAK_DETAIL_RUN_QUESTION_HPP
#define TASKLEAK_DETAIL_RUN_QUESTION_HPP

#include <taskleak/detail/registry/scope.hpp>

#include <cstdint>

namespace taskleak::inline v0::detail {

/// Says which tasks a check is about. No check is about the calling thread.
struct question {
  const scope* within = nullptr;  ///< null: any scope
  std::uint64_t younger_than = 0;
  bool settled_too = false;  ///< whether to find tasks that an earlier check has dealt with, too
  bool settles = true;       ///< whether the found tasks count as dealt with from now on
  bool folds = true;         ///< whether one of coroutines that are alike is described, see straggler::alike
  bool has_main = false;     ///< whether to describe the main thread, too, if it is not the calling one

  /// From where on the stack of the calling thread is the program's, see stack_of_callers(); 0: not known, or not wanted, and
  /// then nothing is said of what can be reached.
  std::uintptr_t stack_of_program = 0;

  /// Returns the same question, asked by a function that was called with this stack.
  question asked_with(std::uintptr_t stack) const noexcept {
    question same = *this;
    same.stack_of_program = stack;
    return same;
  }

  /// Asks what an ending scope has left.
  static question of_scope(const scope& ended) noexcept { return {.within = &ended, .younger_than = ended.opened_at}; }
  /// Asks for every live task that no check has dealt with, for verify_none().
  static question of_process() noexcept { return {}; }
  /// Asks for every live task, also if a check has dealt with it, and leaves later checks as they are, for find().
  static question of_find() noexcept { return {.settled_too = true, .settles = false, .folds = false}; }
  /// Asks as find() does, for the main thread too, and folds coroutines that are alike, for dump().
  static question of_dump() noexcept { return {.settled_too = true, .settles = false, .has_main = true}; }
};

}  // namespace taskleak::inline v0::detail

#endif
