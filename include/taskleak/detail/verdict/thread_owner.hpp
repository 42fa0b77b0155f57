// SPDX-License-Identifier: MIT
/// \file Tells who owns a thread: who has the thread's handle, and so can join the thread.
#ifndef TASKLEAK_DETAIL_VERDICT_THREAD_OWNER_HPP
#define TASKLEAK_DETAIL_VERDICT_THREAD_OWNER_HPP

#include <taskleak/detail/probe/thread/live_thread.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace taskleak::inline v0::detail {

struct thread_owner {
  std::string name;      ///< of the static object; empty where it has none, or where no static object owns the thread
  std::string in_words;  ///< `static logger::instance()::one`, `a static of libpool.so`, `a thread_local of the main thread`
  std::vector<std::string> path;  ///< from the owner to the object with the handle
};

/// Holds the owners of those threads that have one, by the serials of the threads.
using owners_of_threads = std::map<std::uint64_t, thread_owner>;

/// Whether somebody can still join the thread.
inline bool can_be_joined(const live_thread& t) noexcept { return t.serial != 0 && t.has_handle && !t.released; }

}  // namespace taskleak::inline v0::detail

#endif
