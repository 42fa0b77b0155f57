// SPDX-License-Identifier: MIT
/// \file Decides when a check asks who owns the threads that it is about.
#ifndef TASKLEAK_DETAIL_RUN_OWNER_LOOKS_HPP
#define TASKLEAK_DETAIL_RUN_OWNER_LOOKS_HPP

#include <taskleak/detail/inspect/facet.hpp>
#include <taskleak/detail/platform/choice.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/run/thread_suspects.hpp>
#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/verdict/owners.hpp>
#else
#include <taskleak/detail/verdict/portable/owners.hpp>
#endif

#include <algorithm>
#include <cstdint>
#include <optional>

namespace taskleak::inline v0::detail {

/// Asks at the early look and at the deadline, and now and then in between: a thread may come to rest later, and the owner of a
/// thread may be a thread that moved during the look before. Each look copies the process, so looks become rare where they take
/// long.
class owner_looks {
 public:
  /// Leaves out the threads that have an owner, if it is time to look.
  void leave_out_owned(thread_suspects& threads, effort most) {
    if (is_frozen_copy()) return;  // a copy of a copy would have no other threads
    if (most == effort::held ? is_last_done_ : now_ns() < next_ns_) return;
    if (!threads.has_owned_candidate(most)) return;
    const std::int64_t began = now_ns();
    if (const std::optional<owners_of_threads> owners = find_owners()) threads.leave_out_owned(*owners, most);
    const std::int64_t ended = now_ns();
    next_ns_ = ended + std::max(pause_ns_, cost_of_pause * (ended - began));
    pause_ns_ *= 3;
    is_last_done_ = most == effort::held;
  }

 private:
  static constexpr std::int64_t cost_of_pause = 10;

  std::int64_t next_ns_ = 0;
  std::int64_t pause_ns_ = 40'000'000;
  bool is_last_done_ = false;  ///< with any effort
};

}  // namespace taskleak::inline v0::detail

#endif
