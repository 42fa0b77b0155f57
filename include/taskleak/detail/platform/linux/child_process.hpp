// SPDX-License-Identifier: MIT
/// \file Tells whether this is a child of the process that is tracked: it has its parent's memory, one thread, and tracks
/// nothing.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_CHILD_PROCESS_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_CHILD_PROCESS_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/platform/linux/pages.hpp>
#include <taskleak/detail/platform/linux/system.hpp>

#include <cstddef>
#include <new>

#include <pthread.h>
#include <sys/mman.h>

namespace taskleak::inline v0::detail {

/// Is false in a child. The mark lies in a page of its own that the kernel hands to a child full of zeros, see madvise(2),
/// MADV_WIPEONFORK.
using process_mark = light_atomic<bool>;

/// Holds the mark until there is that page.
TASKLEAK_SHARED inline constinit process_mark mark_without_page{true};
TASKLEAK_SHARED inline constinit light_atomic<process_mark*> mark_of_process{&mark_without_page};

/// Is the process whose threads the registry holds.
TASKLEAK_SHARED inline constinit light_atomic<int> tracked_pid{0};

/// Whether this process was forked off the tracked one: two loads.
///
/// The registry of a child may have been copied while another thread was changing it, under a lock that nobody will release: no
/// lock of the registry may be taken there. So none needs to be held during fork(2) either, where handlers of pthread_atfork()
/// that others registered make and join threads, some before ours in the child, some after ours in the parent.
inline bool is_forked_child() noexcept { return !mark_of_process.load_acquire()->load_relaxed(); }

/// Whether this is any child of the tracked process. A child made by vfork(2) has the same memory: only the process id tells.
inline bool in_child_process() noexcept { return is_forked_child() || tracked_pid.load_relaxed() != current_pid(); }

/// Whether this is a child with memory of its own. Makes no system call where the kernel wipes the page: the program may have
/// forbidden itself system calls, on pain of death.
inline bool in_forked_child() noexcept {
  if (is_forked_child()) return true;
  return mark_of_process.load_relaxed() == &mark_without_page && tracked_pid.load_relaxed() != current_pid();
}

/// Marks the calling process as a child. Where the kernel is older than 4.14, or something in its place does not wipe the page,
/// as emulators may not: children that were not made by fork(3) are then known by in_child_process() alone.
inline void mark_child() noexcept { mark_of_process.load_acquire()->store_relaxed(false); }

/// Says whether mark_process() was called, once for all modules that hold a main line.
TASKLEAK_SHARED inline constinit light_atomic<bool> process_is_marked{false};

inline void mark_process() noexcept {
  if (process_is_marked.exchange(true)) return;
  tracked_pid.store(current_pid());
  constexpr std::size_t bytes = 4096;  // the kernel makes whole pages of it
  if (void* const page = take_pages(bytes); page && madvise(page, bytes, MADV_WIPEONFORK) == 0)
    mark_of_process.store_release(new (page) process_mark(true));
  pthread_atfork(nullptr, nullptr, &mark_child);
}

}  // namespace taskleak::inline v0::detail

#endif
