// SPDX-License-Identifier: MIT
/// \file Finds the kernel's id of a thread by its handle.
#ifndef TASKLEAK_DETAIL_PROBE_THREAD_TID_BEHIND_HPP
#define TASKLEAK_DETAIL_PROBE_THREAD_TID_BEHIND_HPP

#include <taskleak/detail/platform/foreign_memory.hpp>
#include <taskleak/detail/platform/system.hpp>

#include <cstdint>

#include <pthread.h>

namespace taskleak::inline v0::detail {

/// Returns the kernel's id of a thread that has not run yet, and so could not enter its id itself; 0 when it is not known.
///
/// A handle points to glibc's descriptor of the thread, which has had the id at this place since 2.4: struct pthread of
/// nptl/descr.h. The kernel writes the id there before the creator goes on (CLONE_PARENT_SETTID).
inline int tid_behind(pthread_t handle) noexcept {
  constexpr std::uintptr_t offset = 720;
  const auto at = [](std::uintptr_t thread) { return thread + offset; };
  int own = 0, its = 0;
  if (!copy_value(at(pthread_self()), own) || own != current_tid()) return 0;
  return copy_value(at(handle), its) ? its : 0;
}

}  // namespace taskleak::inline v0::detail

#endif
