// SPDX-License-Identifier: MIT
/// \file Finds the kernel's id of a thread by its handle, and the calling thread's without a system call.
#ifndef TASKLEAK_DETAIL_PROBE_THREAD_TID_BEHIND_HPP
#define TASKLEAK_DETAIL_PROBE_THREAD_TID_BEHIND_HPP

#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/platform/foreign_memory.hpp>
#include <taskleak/detail/platform/system.hpp>

#include <cstdint>

#include <pthread.h>

namespace taskleak::inline v0::detail {

/// Is where glibc's descriptor of a thread, which a handle points to, has had the thread's id since 2.4: struct pthread of
/// nptl/descr.h. The kernel writes the id there before the creator or the thread goes on (CLONE_PARENT_SETTID).
inline constexpr std::uintptr_t tid_in_descriptor = 720;

/// Returns the kernel's id of a thread that has not run yet, and so could not enter its id itself; 0 when it is not known.
inline int tid_behind(pthread_t handle) noexcept {
  const auto at = [](std::uintptr_t thread) { return thread + tid_in_descriptor; };
  int own = 0, its = 0;
  if (!copy_value(at(pthread_self()), own) || own != current_tid()) return 0;
  return copy_value(at(handle), its) ? its : 0;
}

/// Says whether threads' descriptors have their ids where they are looked for.
enum class descriptors_ids : unsigned char { not_looked, there, elsewhere };
inline constinit light_atomic<descriptors_ids> ids_of_descriptors{descriptors_ids::not_looked};

/// Returns the id of the calling thread, which pthread_create has made, so that it has a descriptor. The first threads ask the
/// kernel, and compare; later ones spare the system call, which is one in ten of those that a short thread costs.
inline int own_tid_of_new_thread() noexcept {
  const auto in_descriptor = [] {
    int tid = 0;
    __builtin_memcpy(&tid, reinterpret_cast<const char*>(pthread_self()) + tid_in_descriptor, sizeof tid);
    return tid;
  };
  const descriptors_ids known = ids_of_descriptors.load_relaxed();
  if (known == descriptors_ids::there) return in_descriptor();
  const int tid = current_tid();
  if (known == descriptors_ids::not_looked)
    ids_of_descriptors.store_relaxed(in_descriptor() == tid ? descriptors_ids::there : descriptors_ids::elsewhere);
  return tid;
}

}  // namespace taskleak::inline v0::detail

#endif
