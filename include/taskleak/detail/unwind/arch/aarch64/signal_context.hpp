// SPDX-License-Identifier: MIT
/// \file Reads what a signal has interrupted: registers, and the system call.
#ifndef TASKLEAK_DETAIL_UNWIND_ARCH_AARCH64_SIGNAL_CONTEXT_HPP
#define TASKLEAK_DETAIL_UNWIND_ARCH_AARCH64_SIGNAL_CONTEXT_HPP

#include <taskleak/detail/platform/foreign_memory.hpp>
#include <taskleak/detail/platform/parked_call.hpp>
#include <taskleak/detail/unwind/arch/aarch64/plain_instructions.hpp>
#include <taskleak/detail/unwind/arch/aarch64/registers.hpp>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>

#include <sys/syscall.h>
#include <ucontext.h>

namespace taskleak::inline v0::detail {

/// Returns the registers that a signal has interrupted, by DWARF's numbers.
inline registers interrupted_registers(const signal_registers& values) noexcept {
  std::uintptr_t by_number[dwarf_register::count];
  copy_registers(values, by_number);
  registers r;
  for (unsigned i = 0; i < dwarf_register::count; ++i) r.set(i, by_number[i]);
  return r;
}

/// Whether a thread that raised the signal by tgkill(2), or by kill(2), was interrupted behind that call. The first argument is
/// gone, since its register has the result.
inline bool has_raised_by_tgkill(const signal_registers& r, int, int thread, int signal) noexcept {
  return r.regs[8] == SYS_tgkill && static_cast<int>(r.regs[1]) == thread && static_cast<int>(r.regs[2]) == signal;
}
inline bool has_raised_by_kill(const signal_registers& r, int, int signal) noexcept {
  return r.regs[8] == SYS_kill && static_cast<int>(r.regs[1]) == signal;
}

/// Returns the system call that a signal has interrupted; `running` when the thread was in none.
///
/// The kernel leaves the number in x8 and the arguments in their registers, but for x0. A call that is to be restarted has x0
/// again and the program counter on the `svc` instruction; one that fails with EINTR has the program counter behind it, and its
/// first argument is gone: arch/arm64/kernel/signal.c.
inline parked_call interrupted_call(const signal_registers& r) noexcept {
  parked_call call;
  call.what = parked_call::kind::running;
  call.sp = r.sp;
  call.pc = r.pc;
  constexpr std::uint32_t svc = 0xD4000001;
  std::uint32_t at = 0, before = 0;
  const bool is_at_it = copy_value(r.pc, at) && at == svc;
  const bool is_behind_it =
      copy_value(r.pc - sizeof before, before) && before == svc && static_cast<std::int64_t>(r.regs[0]) == -EINTR;
  if (!is_at_it && !is_behind_it) return call;
  call.number = static_cast<long>(r.regs[8]);
  call.what = parked_call::kind::blocked;
  for (int i = is_at_it ? 0 : 1; i < 6; ++i) call.arguments[i] = r.regs[i];
  return call;
}

/// Does nothing: the call that a signal has ended with EINTR cannot be made again, since its first argument is gone. The kernel
/// restarts most calls itself, with SA_RESTART: signal(7), "Interruption of system calls".
inline void call_again(const signal_registers&) noexcept {}

/// Whether the code is where a signal handler returns to: `mov x8, #__NR_rt_sigreturn; svc #0`, of the vDSO, which says nothing
/// of it in call frame information. GCC's linux-unwind.h looks for the same two instructions.
inline bool is_return_from_signal(std::uintptr_t code) noexcept {
  std::uint32_t words[2]{};
  return copy_memory(code, words, sizeof words) == sizeof words && words[0] == 0xD2801168 && words[1] == 0xD4000001;
}

/// Goes from the frame that a signal handler returns to to what was interrupted, by what the kernel has put at the stack pointer:
/// struct rt_sigframe of arch/arm64/kernel/signal.c.
template <class Memory>
bool step_to_interrupted(Memory& stack, registers& frame) noexcept {
  const std::uintptr_t from = frame[dwarf_register::stack_pointer] + sizeof(siginfo_t) + place_of_signal_registers;
  registers found;
  std::uintptr_t value = 0;
  for (unsigned i = 0; i < dwarf_register::count; ++i) {
    if (!stack.word(from + offsetof(signal_registers, regs) + i * sizeof value, value)) return false;
    found.set(i, value);
  }
  frame = found;
  return true;
}
static_assert(offsetof(signal_registers, sp) == offsetof(signal_registers, regs) + dwarf_register::stack_pointer * 8);
static_assert(offsetof(signal_registers, pc) == offsetof(signal_registers, regs) + dwarf_register::return_address * 8);

}  // namespace taskleak::inline v0::detail

#endif
