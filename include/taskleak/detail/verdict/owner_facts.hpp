// SPDX-License-Identifier: MIT
/// \file Defines what is asked about the owners of threads, and the answer: plain data that two processes share.
#ifndef TASKLEAK_DETAIL_VERDICT_OWNER_FACTS_HPP
#define TASKLEAK_DETAIL_VERDICT_OWNER_FACTS_HPP

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// One step of the path from an owner to a thread's handle: the word at `word` lies in the object at `object`.
struct owner_step {
  enum class kind : unsigned char { block, mapping, statics, storage_of_main, thread };

  kind in = kind::statics;
  std::uintptr_t word = 0;
  std::uintptr_t object = 0;
  std::size_t size = 0;
};

/// Holds the way by which an object was found, from the object to a root; of a long way both ends.
struct object_path {
  static constexpr std::size_t most_steps = 8;

  std::size_t steps = 0;
  owner_step step[most_steps];

  void add(const owner_step& next) noexcept {
    if (steps < most_steps)
      step[steps++] = next;
    else
      step[most_steps - 1] = next;
  }
  const owner_step& last() const noexcept { return step[steps - 1]; }
};

/// Holds one joinable thread, and what was found of it.
struct thread_to_own {
  std::uintptr_t handle = 0;
  int tid = 0;
  std::uintptr_t sp = 0;  ///< 0 if it is not known: then all of its stack counts
  bool is_owned = false;
  std::size_t owning_thread =
      0;  ///< the place of the thread whose stack or storage leads to this one, for a path that begins there
  std::uintptr_t found_at = 0;  ///< where the handle was found
  object_path path;             ///< from the object with the handle to the static
};

}  // namespace taskleak::inline v0::detail

#endif
