// SPDX-License-Identifier: MIT
/// \file Watches for what hangs, where there is a back end and a CPU for it; elsewhere nobody watches.
#ifndef TASKLEAK_DETAIL_RUN_WATCH_WATCHING_HPP
#define TASKLEAK_DETAIL_RUN_WATCH_WATCHING_HPP

#include <taskleak/detail/registry/scope.hpp>
#include <taskleak/detail/unwind/arch/arch.hpp>

#include <cstdint>

#if defined(TASKLEAK_HAS_OWN_WALKER)
#include <taskleak/detail/run/watch/death_test_note.hpp>
#include <taskleak/detail/run/watch/end_of_process.hpp>
#include <taskleak/detail/run/watch/hang.hpp>
#include <taskleak/detail/run/watch/watch.hpp>
#else

namespace taskleak::inline v0::detail {

inline void watch_death_tests() noexcept {}
inline const char* begin_watch() noexcept { return ""; }
inline void end_watch_of_run(int) noexcept {}
inline const char* refusal_of_watch() noexcept { return ""; }
inline void note_progress() noexcept {}
inline int begin_limit(const scope&, std::int64_t) noexcept { return -1; }
inline void end_limit(int) noexcept {}

}  // namespace taskleak::inline v0::detail

#endif

#endif
