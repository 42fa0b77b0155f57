// SPDX-License-Identifier: MIT
/// \file The calling thread's own stack, as return addresses.
#ifndef TASKLEAK_DETAIL_INSPECT_OWN_STACK_HPP
#define TASKLEAK_DETAIL_INSPECT_OWN_STACK_HPP

#include <cstddef>
#include <unwind.h>

namespace taskleak::inline v0::detail {

/// Writes up to `capacity` return addresses, innermost first, and returns how many; the frames of taskleak itself are among them.
[[gnu::noinline]] inline std::size_t capture_own_stack(const void** addresses, std::size_t capacity) noexcept {
  struct cursor {
    const void** out;
    std::size_t count;
    std::size_t capacity;
  } state{addresses, 0, capacity};
  _Unwind_Backtrace(
      [](_Unwind_Context* context, void* argument) {
        auto& c = *static_cast<cursor*>(argument);
        const auto pc = _Unwind_GetIP(context);
        if (pc == 0 || c.count == c.capacity) return _URC_END_OF_STACK;
        c.out[c.count++] = reinterpret_cast<const void*>(pc);
        return _URC_NO_REASON;
      },
      &state);
  return state.count;
}

}  // namespace taskleak::inline v0::detail

#endif
