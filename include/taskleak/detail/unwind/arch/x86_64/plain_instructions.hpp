// SPDX-License-Identifier: MIT
/// \file Defines plain instructions for the handler of the park signal.
#ifndef TASKLEAK_DETAIL_UNWIND_ARCH_X86_64_PLAIN_INSTRUCTIONS_HPP
#define TASKLEAK_DETAIL_UNWIND_ARCH_X86_64_PLAIN_INSTRUCTIONS_HPP

#include <taskleak/detail/platform/signal_registers.hpp>
#include <taskleak/detail/unwind/arch/uninstrumented.hpp>
#include <taskleak/detail/unwind/arch/x86_64/registers.hpp>

#include <cstdint>

#include <ucontext.h>

namespace taskleak::inline v0::detail {

// The handler runs on a thread in any state, also inside a sanitizer's runtime: plain instructions only, no library call.
// Clang instruments atomics even in functions that are exempt from its thread sanitizer, so they are written in assembly.

TASKLEAK_UNINSTRUMENTED inline std::uint64_t plain_load(const std::uint64_t* word) noexcept {
  std::uint64_t value;
  asm volatile("movq (%1), %0" : "=r"(value) : "r"(word) : "memory");
  return value;
}
TASKLEAK_UNINSTRUMENTED inline void plain_store(std::uint64_t* word, std::uint64_t value) noexcept {
  asm volatile("movq %1, (%0)" ::"r"(word), "r"(value) : "memory");
}
/// Changes the word if it holds the expected value; returns whether it did.
TASKLEAK_UNINSTRUMENTED inline bool plain_exchange_if(std::uint64_t* word, std::uint64_t expected, std::uint64_t value) noexcept {
  std::uint64_t found = expected;
  asm volatile("lock cmpxchgq %2, (%1)" : "+a"(found) : "r"(word), "r"(value) : "memory", "cc");
  return found == expected;
}
TASKLEAK_UNINSTRUMENTED inline long plain_syscall(long number, long a = 0, long b = 0, long c = 0, long d = 0) noexcept {
  long result;
  register long fourth asm("r10") = d;
  asm volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth) : "rcx", "r11", "memory");
  return result;
}

/// Ends a signal handler by sigreturn(2), as libc's own restorer does: rt_sigaction(2) wants one on x86-64.
[[gnu::naked, gnu::noinline]] inline void park_signal_return() { asm volatile("movq $15, %rax\n\tsyscall"); }

/// Is SA_RESTORER, the flag that says that there is a restorer; libc keeps it to itself.
inline constexpr unsigned long flag_of_restorer = 0x04000000;

/// Returns the registers that a handler of SA_SIGINFO may change.
TASKLEAK_UNINSTRUMENTED inline signal_registers& registers_in(void* context) noexcept {
  return *reinterpret_cast<signal_registers*>(reinterpret_cast<std::uintptr_t>(context) + place_of_signal_registers);
}

/// Copies the interrupted registers in the order of DWARF's numbers.
TASKLEAK_UNINSTRUMENTED inline void copy_registers(const signal_registers& from, std::uintptr_t* to) noexcept {
  static constexpr int order[dwarf_register::count] = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI,
                                                       REG_RBP, REG_RSP, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                                       REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP};
  for (unsigned i = 0; i < dwarf_register::count; ++i) to[i] = static_cast<std::uintptr_t>(from[order[i]]);
}

/// Returns the stack pointer of the thread that a signal has interrupted.
TASKLEAK_UNINSTRUMENTED inline std::uintptr_t interrupted_stack_pointer(void* context) noexcept {
  return static_cast<std::uintptr_t>(registers_in(context)[REG_RSP]);
}

}  // namespace taskleak::inline v0::detail

#endif
