// SPDX-License-Identifier: MIT
/// \file Keeps a thread's native handle as a number.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_THREAD_HANDLE_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_THREAD_HANDLE_HPP

#include <cstdint>

#include <pthread.h>

namespace taskleak::inline v0::detail {

using thread_handle = pthread_t;

/// Turns all bits of a handle, or turns them back: a copy that is left in the heap must not look as if the program had the
/// handle.
inline thread_handle turned(thread_handle handle) noexcept { return ~handle; }

inline bool is_same_thread(thread_handle a, thread_handle b) noexcept { return pthread_equal(a, b); }

/// Returns the bits in which the handles of two threads differ: glibc's is the address of the thread's descriptor, which lies at
/// the same offset of page-aligned stacks.
inline std::uint64_t telling_bits(thread_handle handle) noexcept { return std::uint64_t{handle} >> 12; }

}  // namespace taskleak::inline v0::detail

#endif
