// SPDX-License-Identifier: MIT
/// \file Opens and ends scopes on the calling thread, and decides when a scope is freed.
#ifndef TASKLEAK_DETAIL_RUN_SCOPES_HPP
#define TASKLEAK_DETAIL_RUN_SCOPES_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/spinlock.hpp>
#include <taskleak/detail/base/unseen_by_tsan.hpp>
#include <taskleak/detail/registry/current.hpp>
#include <taskleak/detail/registry/scope.hpp>
#include <taskleak/detail/run/the_census.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>
#include <utility>

namespace taskleak::inline v0::detail {

/// Holds the scopes that have ended and may still be named: by a live task, by a scope that was opened within, or by a check on
/// another thread that copied such a name.
///
/// A task that names a scope is younger than the scope's opening, and only live tasks pass the name on. So an ended scope is
/// freed when no younger task is alive, no scope within it is left, and no check is under way.
class ended_scopes {
 public:
  constexpr ended_scopes() noexcept = default;

  void begin_reading() noexcept { readers_.fetch_add(1); }
  void end_reading() noexcept {
    if (readers_.fetch_sub(1) == 1 && is_worth_sweeping()) sweep();
  }

  /// Takes over an ended scope.
  void add(scope* ended) noexcept {
    {
      const spin_guard guard(lock_);
      ended->next_ended = first_;
      first_ = ended;
      count_.store_relaxed(count_.load_relaxed() + 1);
    }
    if (is_worth_sweeping()) sweep();
  }

  /// Frees all scopes that can be freed at the end of a run, inner ones first: a clean program leaves no memory behind.
  void end_of_run() noexcept {
    for (std::size_t before = 0; readers_.load() == 0 && (before = size()) != 0;) {
      sweep();
      if (size() >= before) return;
    }
  }

  /// Returns how many ended scopes there are.
  std::size_t size() const noexcept { return count_.load_relaxed(); }

 private:
  /// Whether to sweep now. A sweep looks at all ended scopes, so their number has to double in between, unless most could be
  /// freed.
  bool is_worth_sweeping() const noexcept {
    return count_.load_relaxed() > std::max(fewest, 2 * left_by_sweep_.load_relaxed()) && readers_.load() == 0;
  }

  void sweep() noexcept {
    scope* all = nullptr;
    {
      const spin_guard guard(lock_);
      all = std::exchange(first_, nullptr);
      count_.store_relaxed(0);
    }
    const std::uint64_t youngest = the_census.youngest();
    // in this order: a check that begins from here on does not get the name of a scope that no task has
    const bool may_free = readers_.load() == 0;
    std::size_t left = 0;
    scope* kept = nullptr;
    scope** end_of_kept = &kept;
    // newest first, so that most scopes are gone before the scope around them
    const unseen_by_tsan unseen;  // other threads opened and read the scopes, without an order that ThreadSanitizer knows of
    while (all) {
      scope* const s = all;
      all = s->next_ended;
      if (may_free && !s->is_pinned && s->opened_at >= youngest && s->scopes_within.load_acquire() == 0) {
        free(s);
        continue;
      }
      *end_of_kept = s;
      end_of_kept = &s->next_ended;
      ++left;
    }
    *end_of_kept = nullptr;
    if (!kept) {
      left_by_sweep_.store_relaxed(0);
      return;
    }
    const spin_guard guard(lock_);
    *end_of_kept = first_;
    first_ = kept;
    count_.store_relaxed(count_.load_relaxed() + left);
    left_by_sweep_.store_relaxed(left);
  }

  static void free(scope* s) noexcept {
    s->parent->scopes_within.fetch_sub(1);
    delete[] s->name;
    delete s;
  }

  static constexpr std::size_t fewest = 64;

  spinlock lock_;
  scope* first_ = nullptr;
  light_atomic<std::size_t> count_{0};
  light_atomic<std::size_t> left_by_sweep_{0};
  light_atomic<std::uint32_t> readers_{0};
};

TASKLEAK_SHARED inline constinit ended_scopes the_ended_scopes;

/// Keeps every scope, while the object lives, that a task had when the task was looked at.
class reading_scopes {
 public:
  reading_scopes() noexcept { the_ended_scopes.begin_reading(); }
  ~reading_scopes() { the_ended_scopes.end_reading(); }
  reading_scopes(const reading_scopes&) = delete;
  reading_scopes& operator=(const reading_scopes&) = delete;
};

inline scope* enter_scope(scope_kind kind, const char* name, const char* file = nullptr, unsigned line = 0) {
  // why not unseen by ThreadSanitizer: it would take what another thread did with this memory before for a race with us
  void* const place = ::operator new(sizeof(scope));
  std::memset(place, 0, sizeof(scope));  // what is between the members, too: the search for owners looks at whole words
  auto* const s = new (place) scope;
  s->kind = kind;
  s->parent = charging_scope();
  constexpr std::size_t unit = 16;  // of the allocator, which has no smaller part of a block left then
  s->name = new char[(std::strlen(name) + 1 + unit) / unit * unit + unit / 2]();
  std::strcpy(s->name, name);
  s->file = file;
  s->line = line;
  s->opened_by = &this_task;
  s->parent->scopes_within.fetch_add(1);
  s->opened_at = the_census.take_watermark();
  this_task.charging = s;
  return s;
}

/// Makes the scope around `s` the thread's current one again, if `s` is the thread's innermost scope: guards that end out of
/// order, or on another thread, leave the other scopes as they are.
inline void leave_scope(scope* s) noexcept {
  s->has_ended.store_relaxed(true);
  if (s->opened_by != &this_task) s->is_pinned = true;  // the opening thread goes on naming the scope
  if (this_task.charging != s) return;
  scope* around = s->parent;
  while (around->has_ended.load_relaxed()) around = around->parent;
  this_task.charging = around == &program_scope ? nullptr : around;
}

/// Frees the scope, after leave_scope(), as soon as nobody can name it any more.
inline void forget_scope(scope* s) noexcept { the_ended_scopes.add(s); }

}  // namespace taskleak::inline v0::detail

#endif
