// SPDX-License-Identifier: MIT
/// \file How the main line is told of births and deaths of coroutines, where it keeps the stack that created each.
#ifndef TASKLEAK_DETAIL_PROBE_COROUTINE_STACK_KEEPER_HPP
#define TASKLEAK_DETAIL_PROBE_COROUTINE_STACK_KEEPER_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/light_atomic.hpp>

#include <cstdint>

namespace taskleak::inline v0::detail {

struct stack_keeper {
  void (*keep)(std::uint64_t id) noexcept;  ///< by the creator, in the coroutine's ramp function
  void (*drop)(std::uint64_t id) noexcept;
};

/// Null unless TASKLEAK_OPTIONS=coroutine_stacks=1.
TASKLEAK_SHARED inline constinit light_atomic<const stack_keeper*> the_stack_keeper{nullptr};

}  // namespace taskleak::inline v0::detail

#endif
