// SPDX-License-Identifier: MIT
/// \file What is asked of the tasks that are alive, and what is left out of the answer.
#ifndef TASKLEAK_DETAIL_RUN_QUESTION_HPP
#define TASKLEAK_DETAIL_RUN_QUESTION_HPP

#include <taskleak/detail/registry/scope.hpp>

#include <cstdint>

namespace taskleak::inline v0::detail {

/// Which tasks a check is about. None is about the calling thread.
struct question {
  const scope* within = nullptr;  ///< null: any scope
  std::uint64_t younger_than = 0;
  bool settled_too = false;  ///< also those an earlier check has dealt with
  bool settles = true;       ///< those found are dealt with from now on
  bool folds = true;         ///< of coroutines that are alike one is described, see straggler::alike
  bool has_main = false;     ///< the main thread as well, if it is not the calling one

  /// What a scope that ends has left.
  static question of_scope(const scope& ended) noexcept { return {.within = &ended, .younger_than = ended.opened_at}; }
  /// Whatever is alive, and no check has dealt with: verify_none().
  static question of_process() noexcept { return {}; }
  /// Each task that is alive, whoever has dealt with it, and nobody's look but one's own: find().
  static question of_find() noexcept { return {.settled_too = true, .settles = false, .folds = false}; }
  /// The same with the main thread, for a reader: dump().
  static question of_dump() noexcept { return {.settled_too = true, .settles = false, .has_main = true}; }
};

}  // namespace taskleak::inline v0::detail

#endif
