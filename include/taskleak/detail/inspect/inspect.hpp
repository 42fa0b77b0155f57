// SPDX-License-Identifier: MIT
/// \file Describes one live thread in full.
#ifndef TASKLEAK_DETAIL_INSPECT_INSPECT_HPP
#define TASKLEAK_DETAIL_INSPECT_INSPECT_HPP

#include <taskleak/detail/inspect/inspect_coroutine.hpp>
#include <taskleak/detail/platform/choice.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/probe/thread/live_thread.hpp>
#include <taskleak/detail/probe/thread/main_thread.hpp>
#include <taskleak/report.hpp>
#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/inspect/suspect.hpp>
#else
#include <taskleak/detail/inspect/portable/suspect.hpp>
#endif

#include <optional>

namespace taskleak::inline v0::detail {

/// Returns all that can be known of the thread; empty when the thread has ended and needs no join. A running thread is held for a
/// moment.
inline std::optional<straggler> inspect(const live_thread& t, coroutine_inspector& coroutines) {
  return suspect(t).describe(coroutines);
}

/// Returns the main thread; empty on the main thread itself, but not in a frozen copy of it.
inline std::optional<straggler> inspect_main_thread(coroutine_inspector& coroutines) {
  const live_thread main = copy_main_thread();
  if (main.tid == current_tid() && !is_frozen_copy()) return std::nullopt;
  return inspect(main, coroutines);
}

}  // namespace taskleak::inline v0::detail

#endif
