// SPDX-License-Identifier: MIT
/// \file Keeps a thread's native handle as a number.
#ifndef TASKLEAK_DETAIL_PLATFORM_PORTABLE_THREAD_HANDLE_HPP
#define TASKLEAK_DETAIL_PLATFORM_PORTABLE_THREAD_HANDLE_HPP

#include <cstdint>

namespace taskleak::inline v0::detail {

using thread_handle = std::uintptr_t;

/// Returns the handle itself: nobody looks for handles in memory here.
inline thread_handle turned(thread_handle handle) noexcept { return handle; }

inline bool is_same_thread(thread_handle a, thread_handle b) noexcept { return a == b; }

/// Returns the bits in which the handles of two threads differ: all of them may be few.
inline std::uint64_t telling_bits(thread_handle handle) noexcept { return std::uint64_t{handle}; }

}  // namespace taskleak::inline v0::detail

#endif
