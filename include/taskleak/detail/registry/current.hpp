// SPDX-License-Identifier: MIT
/// \file Holds what the registry knows of the calling thread.
#ifndef TASKLEAK_DETAIL_REGISTRY_CURRENT_HPP
#define TASKLEAK_DETAIL_REGISTRY_CURRENT_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/registry/coroutine_transfers.hpp>
#include <taskleak/detail/registry/scope.hpp>
#include <taskleak/detail/registry/task_node.hpp>

#include <cstdint>

namespace taskleak::inline v0::detail {

struct wait_note;

/// Is the name of the main thread in reports. The kernel's name for that thread is the program's.
inline constexpr char name_of_main_thread[] = "main thread";

/// Holds what a blocking_region says. Lies in the blocking_region, on the stack of the waiting thread; other threads read a copy.
struct waiting_region {
  const char* label = nullptr;
  const void* object = nullptr;
  const waiting_region* outer = nullptr;
  const wait_note* of = nullptr;  ///< the note that names the region; tells a reader that its copy is that of a region
};

/// Holds what a thread says of its own wait, for other threads to read.
struct wait_note {
  light_atomic<const coroutine_transfers*> transfers{nullptr};  ///< the thread's own; for a thread that is parked
  light_atomic<const waiting_region*> innermost{nullptr};
  /// Grows after each change of `innermost`, before the region that was named can be gone.
  light_atomic<std::uint32_t> changes{0};

  void set(const waiting_region* region) noexcept {
    innermost.store_release(region);
    changes.store_release(changes.load_relaxed() + 1);
  }
};

/// Lists the kernel's ids of a thread's creator, of the creator's own creator, and so on; 0 ends the list.
struct creator_tids {
  static constexpr unsigned most = 3;

  int tids[most] = {};

  /// Returns the list of a thread that `creator` made, where this list is the creator's own.
  constexpr creator_tids with(int creator) const noexcept {
    creator_tids longer;
    longer.tids[0] = creator;
    for (unsigned i = 1; i < most; ++i) longer.tids[i] = tids[i - 1];
    return longer;
  }
};

/// Holds the calling thread's place in the registry.
struct current_task {
  task_node* node = nullptr;      ///< null for the main thread and for threads nobody announced
  wait_note* note = nullptr;      ///< null for a thread nobody announced
  scope* charging = nullptr;      ///< the scope that new tasks are charged to; null stands for the program
  unsigned shard_hint = 0;        ///< 0: not chosen yet
  int tid = 0;                    ///< the kernel's id of the thread; 0: not asked yet
  bool is_main = false;           ///< set with `tid`
  std::uintptr_t stack_low = 0;   ///< the lower end of the stack that the thread began on, see own_memory
  std::uintptr_t stack_high = 0;  ///< 0: not known
  bool in_hook = false;           ///< a hook of this or of another module is active below
  creator_tids creators{};        ///< the creators of this thread
};

TASKLEAK_SHARED inline constinit thread_local current_task this_task;

/// Is the program's own scope, the root of the tree; constant-initialised, since threads may start before any test.
TASKLEAK_SHARED inline constinit scope program_scope;

inline scope* charging_scope() noexcept { return this_task.charging ? this_task.charging : &program_scope; }

/// Returns the calling thread's shard; spreads threads over the shards in turn.
TASKLEAK_SHARED inline unsigned shard_hint() noexcept {
  static constinit light_atomic<unsigned> next{0};
  if (this_task.shard_hint == 0) this_task.shard_hint = next.fetch_add(1) + 1;
  return this_task.shard_hint;
}

}  // namespace taskleak::inline v0::detail

#endif
