// SPDX-License-Identifier: MIT
/// \file The stretch of a test run that tasks are charged to.
#ifndef TASKLEAK_DETAIL_REGISTRY_SCOPE_HPP
#define TASKLEAK_DETAIL_REGISTRY_SCOPE_HPP

#include <cstdint>

namespace taskleak::inline v0::detail {

enum class scope_kind : unsigned char { program, suite, test, guard };

/// One scope. Scopes form a tree by parent: program > suite > test > guard.
///
/// A scope that a live task still names is never freed, since the task's children inherit it; one that ends clean is.
struct scope {
  scope_kind kind = scope_kind::program;
  scope* parent = nullptr;
  char* name = nullptr;         ///< owned, for instance "Feed.Closes"
  std::uint64_t opened_at = 0;  ///< epoch: tasks of this scope have a greater one
  scope* next_kept = nullptr;   ///< links the scopes that ended and are never freed

  bool is_within(const scope* outer) const noexcept {
    for (const scope* s = this; s; s = s->parent)
      if (s == outer) return true;
    return false;
  }
};

}  // namespace taskleak::inline v0::detail

#endif
