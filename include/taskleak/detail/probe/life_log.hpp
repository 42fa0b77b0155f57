// SPDX-License-Identifier: MIT
/// \file Keeps when tasks were born and ended, where somebody asks for that: a run that draws them.
#ifndef TASKLEAK_DETAIL_PROBE_LIFE_LOG_HPP
#define TASKLEAK_DETAIL_PROBE_LIFE_LOG_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/base/spinlock.hpp>
#include <taskleak/detail/platform/pages.hpp>
#include <taskleak/detail/registry/scope.hpp>
#include <taskleak/task.hpp>

#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

namespace taskleak::inline v0::detail {

/// Holds the life of one task, in numbers alone: it is written where the task ends.
struct task_life_record {
  static constexpr std::size_t most_frames = 16;

  task_kind kind = task_kind::thread;
  unsigned char depth = 0;
  std::uint64_t id = 0;
  std::uint64_t test = 0;  ///< test_around() of the scope that the task was charged to
  std::int64_t born_ns = 0;
  std::int64_t ended_ns = 0;         ///< 0 while the task is alive
  std::uint64_t name_words[2] = {};  ///< of a thread, as in its record
  const void* made_at[most_frames] = {};
};

/// Returns a number that names the innermost test or suite around a scope, 0 for the program: no two scopes begin at one epoch.
inline std::uint64_t test_around(const scope* s) noexcept {
  while (s && s->kind != scope_kind::test && s->kind != scope_kind::suite) s = s->parent;
  return s ? s->opened_at : 0;
}

/// Takes lives from any thread, also from one that ends: it calls no allocator.
class life_log {
 public:
  constexpr life_log() noexcept = default;

  void add(const task_life_record& life) noexcept {
    const spin_guard guard(lock_);
    if (count_ == most_slabs * per_slab) {
      ++lost_;
      return;
    }
    task_life_record*& slab = slabs_[count_ / per_slab];
    if (!slab) slab = static_cast<task_life_record*>(take_pages(per_slab * sizeof(task_life_record)));
    if (!slab) {
      ++lost_;
      return;
    }
    new (slab + count_ % per_slab) task_life_record(life);
    ++count_;
  }

  /// Returns all lives that have been added.
  std::vector<task_life_record> copy() const {
    std::vector<task_life_record> all(size());
    const spin_guard guard(lock_);
    for (std::size_t i = 0; i < all.size() && i < count_; ++i) all[i] = slabs_[i / per_slab][i % per_slab];
    return all;
  }

  /// Returns how many lives were too many to be kept.
  std::size_t lost() const noexcept {
    const spin_guard guard(lock_);
    return lost_;
  }

 private:
  std::size_t size() const noexcept {
    const spin_guard guard(lock_);
    return count_;
  }

  static constexpr std::size_t per_slab = 1024, most_slabs = 512;

  mutable spinlock lock_;
  std::size_t count_ = 0;
  std::size_t lost_ = 0;
  task_life_record* slabs_[most_slabs] = {};
};

/// Is null unless a format asks for the lives of tasks.
TASKLEAK_SHARED inline constinit light_atomic<life_log*> the_life_log{nullptr};

}  // namespace taskleak::inline v0::detail

#endif
