// SPDX-License-Identifier: MIT
/// \file Decides when coroutines that are alike are described together.
#ifndef TASKLEAK_DETAIL_INSPECT_ALIKE_TASKS_HPP
#define TASKLEAK_DETAIL_INSPECT_ALIKE_TASKS_HPP

#include <taskleak/report.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// Limits how many different things alike coroutines may await to be shown once for each thing.
inline constexpr std::size_t most_objects_apart = 8;

inline void add_alike(alike_tasks& to, std::uint64_t id, std::chrono::nanoseconds parked_for) {
  to.ids.push_back(id);
  to.longest = std::max(to.longest, parked_for);
}

}  // namespace taskleak::inline v0::detail

#endif
