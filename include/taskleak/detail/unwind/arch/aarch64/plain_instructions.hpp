// SPDX-License-Identifier: MIT
/// \file Defines plain instructions for the handler of the park signal.
#ifndef TASKLEAK_DETAIL_UNWIND_ARCH_AARCH64_PLAIN_INSTRUCTIONS_HPP
#define TASKLEAK_DETAIL_UNWIND_ARCH_AARCH64_PLAIN_INSTRUCTIONS_HPP

#include <taskleak/detail/platform/signal_registers.hpp>
#include <taskleak/detail/unwind/arch/aarch64/registers.hpp>
#include <taskleak/detail/unwind/arch/uninstrumented.hpp>

#include <cstdint>

namespace taskleak::inline v0::detail {

// The handler runs on a thread in any state, also inside a sanitizer's runtime: plain instructions only, no library call.
// Clang instruments atomics even in functions that are exempt from its thread sanitizer, so they are written in assembly.

TASKLEAK_UNINSTRUMENTED inline std::uint64_t plain_load(const std::uint64_t* word) noexcept {
  std::uint64_t value;
  asm volatile("ldar %0, [%1]" : "=r"(value) : "r"(word) : "memory");
  return value;
}
TASKLEAK_UNINSTRUMENTED inline void plain_store(std::uint64_t* word, std::uint64_t value) noexcept {
  asm volatile("stlr %1, [%0]" ::"r"(word), "r"(value) : "memory");
}
/// Changes the word if it holds the expected value; returns whether it did.
TASKLEAK_UNINSTRUMENTED inline bool plain_exchange_if(std::uint64_t* word, std::uint64_t expected, std::uint64_t value) noexcept {
  std::uint64_t found;
  std::uint32_t failed;
  asm volatile("1:\n\tldaxr %0, [%2]\n\tcmp %0, %3\n\tb.ne 2f\n\tstlxr %w1, %4, [%2]\n\tcbnz %w1, 1b\n\t2:\n\tclrex"
               : "=&r"(found), "=&r"(failed)
               : "r"(word), "r"(expected), "r"(value)
               : "memory", "cc");
  return found == expected;
}
TASKLEAK_UNINSTRUMENTED inline long plain_syscall(long number, long a = 0, long b = 0, long c = 0, long d = 0) noexcept {
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  asm volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
  return x0;
}

/// Is null: without a restorer a signal handler returns to the kernel's own, in the vDSO.
inline constexpr void (*park_signal_return)() = nullptr;
inline constexpr unsigned long flag_of_restorer = 0;

/// Returns the registers that a handler of SA_SIGINFO may change.
TASKLEAK_UNINSTRUMENTED inline signal_registers& registers_in(void* context) noexcept {
  return *reinterpret_cast<signal_registers*>(reinterpret_cast<std::uintptr_t>(context) + place_of_signal_registers);
}

/// Copies the interrupted registers in the order of DWARF's numbers.
TASKLEAK_UNINSTRUMENTED inline void copy_registers(const signal_registers& from, std::uintptr_t* to) noexcept {
  for (unsigned i = 0; i <= dwarf_register::link; ++i) to[i] = from.regs[i];
  to[dwarf_register::stack_pointer] = from.sp;
  to[dwarf_register::return_address] = from.pc;
}

/// Returns the stack pointer of the thread that a signal has interrupted.
TASKLEAK_UNINSTRUMENTED inline std::uintptr_t interrupted_stack_pointer(void* context) noexcept {
  return static_cast<std::uintptr_t>(registers_in(context).sp);
}

}  // namespace taskleak::inline v0::detail

#endif
