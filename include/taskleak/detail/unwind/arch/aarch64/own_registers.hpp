// SPDX-License-Identifier: MIT
/// \file Reads the registers of the calling thread, in its own function.
#ifndef TASKLEAK_DETAIL_UNWIND_ARCH_AARCH64_OWN_REGISTERS_HPP
#define TASKLEAK_DETAIL_UNWIND_ARCH_AARCH64_OWN_REGISTERS_HPP

#include <taskleak/detail/unwind/arch/aarch64/registers.hpp>

#include <cstdint>

namespace taskleak::inline v0::detail {

/// Says where the calling function is, and what the frame of that function is found from.
struct own_place {
  std::uintptr_t pc, sp, bp;
};

/// Returns the place of the caller. Not instrumented, as the caller is not: a function is inlined only into one that is
/// instrumented the same way.
__attribute__((always_inline, no_sanitize("thread", "address"))) inline own_place place_here() noexcept {
  own_place here;
  // one statement, so that the three belong to the same place
  asm volatile("adr %0, .\n\tmov %1, sp\n\tmov %2, x29" : "=&r"(here.pc), "=&r"(here.sp), "=&r"(here.bp));
  return here;
}

/// Returns all registers that the calling function keeps for its caller, and the link register, where its return address may be.
[[gnu::always_inline]] inline registers kept_registers_here() noexcept {
  // in the order of DWARF's numbers, from x19 on; one statement, so that all belong to the same place
  constexpr unsigned first = 19, kept = 14;
  std::uintptr_t values[kept];
  asm volatile(
      "stp x19, x20, [%0]\n\tstp x21, x22, [%0, #16]\n\tstp x23, x24, [%0, #32]\n\tstp x25, x26, [%0, #48]\n\t"
      "stp x27, x28, [%0, #64]\n\tstp x29, x30, [%0, #80]\n\tmov x9, sp\n\tadr x10, .\n\tstp x9, x10, [%0, #96]"
      :
      : "r"(values)
      : "x9", "x10", "memory");
  registers frame;
  for (unsigned i = 0; i < kept; ++i) frame.set(first + i, values[i]);
  return frame;
}

/// Returns from where on the stack is that of the calling function's callers. What they keep in registers is part of it: the
/// function saves all of these in its frame, above the frame record.
[[gnu::always_inline]] inline std::uintptr_t stack_of_callers() noexcept {
  __builtin_unwind_init();
  return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
}

}  // namespace taskleak::inline v0::detail

#endif
