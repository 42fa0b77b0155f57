// SPDX-License-Identifier: MIT
/// \file Reads the registers of the calling thread, in its own function.
#ifndef TASKLEAK_DETAIL_UNWIND_ARCH_X86_64_OWN_REGISTERS_HPP
#define TASKLEAK_DETAIL_UNWIND_ARCH_X86_64_OWN_REGISTERS_HPP

#include <taskleak/detail/unwind/arch/x86_64/registers.hpp>

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
  asm volatile("lea 0(%%rip), %0\n\tmov %%rsp, %1\n\tmov %%rbp, %2" : "=&r"(here.pc), "=&r"(here.sp), "=&r"(here.bp));
  return here;
}

/// Returns all registers that the calling function keeps for its caller.
[[gnu::always_inline]] inline registers kept_registers_here() noexcept {
  // in the order of DWARF's numbers; one statement, so that all belong to the same place
  constexpr unsigned kept[] = {3, 6, 7, 12, 13, 14, 15, dwarf_register::return_address};
  std::uintptr_t values[8];
  asm volatile(
      "mov %%rbx, (%0)\n\tmov %%rbp, 8(%0)\n\tmov %%rsp, 16(%0)\n\tmov %%r12, 24(%0)\n\tmov %%r13, 32(%0)\n\t"
      "mov %%r14, 40(%0)\n\tmov %%r15, 48(%0)\n\tlea 0(%%rip), %%rax\n\tmov %%rax, 56(%0)"
      :
      : "r"(values)
      : "rax", "memory");
  registers frame;
  for (unsigned i = 0; i < 8; ++i) frame.set(kept[i], values[i]);
  return frame;
}

/// Returns from where on the stack is that of the calling function's callers. What they keep in registers is part of it: the
/// function saves all of these in its frame, next to the frame pointer's place.
[[gnu::always_inline]] inline std::uintptr_t stack_of_callers() noexcept {
  constexpr std::uintptr_t saved = 5 * sizeof(std::uintptr_t);  // rbx, r12 to r15
  __builtin_unwind_init();
  return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) - saved;
}

}  // namespace taskleak::inline v0::detail

#endif
