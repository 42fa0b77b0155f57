// SPDX-License-Identifier: MIT
/// \file Opening and ending scopes on the calling thread.
#ifndef TASKLEAK_DETAIL_RUNTIME_SCOPES_HPP
#define TASKLEAK_DETAIL_RUNTIME_SCOPES_HPP

#include <taskleak/detail/config.hpp>
#include <taskleak/detail/platform/linux/kernel_probe.hpp>
#include <taskleak/detail/registry/current.hpp>
#include <taskleak/detail/registry/registry.hpp>
#include <taskleak/detail/registry/scope.hpp>
#include <taskleak/detail/registry/unseen_by_tsan.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace taskleak::inline v0::detail {

/// Scopes that ended while tasks named them: kept for good, and from here, so that no leak checker takes them for lost.
TASKLEAK_SHARED inline constinit light_atomic<scope*> kept_scopes{nullptr};

/// A watermark: whatever is born from here on is younger.
inline std::uint64_t take_watermark() {
  kernel_threads().refresh();
  return the_registry.close_epoch();
}

inline scope* enter_scope(scope_kind kind, const char* name) {
  const unseen_by_tsan unseen;
  auto* s = new scope;
  s->kind = kind;
  s->parent = charging_scope();
  s->name = new char[std::strlen(name) + 1];
  std::strcpy(s->name, name);
  s->opened_at = take_watermark();
  this_task.charging = s;
  return s;
}

inline void keep_scope(scope* s) noexcept {
  scope* first = kept_scopes.load_relaxed();
  do s->next_kept = first;
  while (!kept_scopes.compare_exchange(first, s));
}

/// Makes the scope around it the thread's again. False when this is not the thread's innermost scope: guards that end out of
/// order, or on another thread, leave the others as they are.
inline bool leave_scope(scope* s) noexcept {
  if (this_task.charging != s) return false;
  this_task.charging = s->parent == &program_scope ? nullptr : s->parent;
  return true;
}

/// After leave_scope(): frees a scope that no task can name.
inline void free_scope(scope* s) noexcept {
  delete[] s->name;
  delete s;
}

}  // namespace taskleak::inline v0::detail

#endif
