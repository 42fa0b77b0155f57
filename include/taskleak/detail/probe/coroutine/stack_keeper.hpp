// SPDX-License-Identifier: MIT
/// \file Tells the main line of births and deaths of coroutines, if it keeps the stack that created each.
#ifndef TASKLEAK_DETAIL_PROBE_COROUTINE_STACK_KEEPER_HPP
#define TASKLEAK_DETAIL_PROBE_COROUTINE_STACK_KEEPER_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/light_atomic.hpp>

#include <cstdint>

namespace taskleak::inline v0::detail {

struct stack_keeper {
  void (*keep)(std::uint64_t id) noexcept;  ///< called by the creator, in the coroutine's ramp function
  void (*drop)(std::uint64_t id) noexcept;
};

/// Is null unless TASKLEAK_OPTIONS has coroutine_stacks=1.
TASKLEAK_SHARED inline constinit light_atomic<const stack_keeper*> the_stack_keeper{nullptr};

}  // namespace taskleak::inline v0::detail

#endif
