// SPDX-License-Identifier: MIT
/// \file Knows no owner of a thread: the memory of the process cannot be read here.
#ifndef TASKLEAK_DETAIL_VERDICT_PORTABLE_OWNERS_HPP
#define TASKLEAK_DETAIL_VERDICT_PORTABLE_OWNERS_HPP

#include <taskleak/detail/verdict/thread_owner.hpp>

#include <optional>

namespace taskleak::inline v0::detail {

/// Returns an empty value: it cannot be told.
inline std::optional<owners_of_threads> find_owners() { return std::nullopt; }

}  // namespace taskleak::inline v0::detail

#endif
