// SPDX-License-Identifier: MIT
/// \file Defines the scope: the stretch of a test run that tasks are charged to.
#ifndef TASKLEAK_DETAIL_REGISTRY_SCOPE_HPP
#define TASKLEAK_DETAIL_REGISTRY_SCOPE_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/light_atomic.hpp>

#include <cstdint>

namespace taskleak::inline v0::detail {

enum class scope_kind : unsigned char { program, suite, test, guard };

struct open_descriptors;

/// Describes one scope. Scopes form a tree by parent: program > suite > test > guard.
///
/// A scope is not freed while a live task names it, since the task's children inherit the scope: see ended_scopes.
struct scope {
  scope_kind kind = scope_kind::program;
  scope* parent = nullptr;
  char* name = nullptr;        ///< owned, for instance "Feed.Closes"
  const char* file = nullptr;  ///< where the test or guard stands; not owned, null where that is not known
  unsigned line = 0;
  open_descriptors* descriptors = nullptr;       ///< owned; those open when the scope began, if they are watched
  int limit = -1;                                ///< the slot of the limit on how long it may last, -1 for none
  std::uint64_t opened_at = 0;                   ///< epoch: tasks of this scope have a greater one
  light_atomic<std::uint32_t> scopes_within{0};  ///< how many scopes were opened in this one and are not freed
  const void* opened_by = nullptr;               ///< the address of the opening thread's this_task
  light_atomic<bool> has_ended{false};
  bool is_pinned = false;  ///< never freed, since the scope ended on another thread than it was opened on
  scope* next_ended = nullptr;

  bool is_within(const scope* outer) const noexcept {
    for (const scope* s = this; s; s = s->parent)
      if (s == outer) return true;
    return false;
  }
};

/// Is what taskleak's own tasks are charged to, and so what these make: no check is about them, and nobody counts them.
TASKLEAK_SHARED inline constinit scope scope_of_taskleak;

inline bool is_of_taskleak(const scope* charged_to) noexcept { return charged_to == &scope_of_taskleak; }

}  // namespace taskleak::inline v0::detail

#endif
