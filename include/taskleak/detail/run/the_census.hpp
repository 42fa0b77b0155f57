// SPDX-License-Identifier: MIT
/// \file Lists the kinds of tasks that this process may have.
#ifndef TASKLEAK_DETAIL_RUN_THE_CENSUS_HPP
#define TASKLEAK_DETAIL_RUN_THE_CENSUS_HPP

#include <taskleak/detail/probe/coroutine/table.hpp>
#include <taskleak/detail/probe/kernel/kernel_threads.hpp>
#include <taskleak/detail/registry/census.hpp>
#include <taskleak/detail/registry/registry.hpp>

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

inline constexpr task_source source_of_threads{
    .refresh = nullptr,
    .births = [] { return the_registry.births(); },
    .has_younger_than = [](std::uint64_t epoch) { return the_registry.seems_to_have_younger_than(epoch); },
    .youngest = [] { return the_registry.youngest(); },
    .count = [] { return the_registry.size(); },
};

/// Answers for unannounced threads, which name no scope.
inline constexpr task_source source_of_unannounced_threads{
    .refresh = [] { kernel_threads().refresh(); },
    .births = nullptr,
    .has_younger_than = [](std::uint64_t epoch) { return kernel_threads().has_younger_than(epoch); },
    .youngest = [] { return std::uint64_t{0}; },
    .count = [] { return kernel_threads().count(); },
};

inline constexpr task_source source_of_coroutines{
    .refresh = nullptr,
    .births = [] { return all_coroutines.births(); },
    .has_younger_than = [](std::uint64_t epoch) { return all_coroutines.seems_to_have_younger_than(epoch); },
    .youngest = [] { return all_coroutines.youngest(); },
    .count = [] { return all_coroutines.size(); },
};

inline constexpr const task_source* sources_of_tasks[] = {&source_of_threads, &source_of_coroutines,
                                                          &source_of_unannounced_threads};

inline constexpr census the_census(sources_of_tasks);

}  // namespace taskleak::inline v0::detail

#endif
