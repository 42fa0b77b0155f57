// SPDX-License-Identifier: MIT
/// \file What a signal has interrupted: registers, and the system call.
#ifndef TASKLEAK_DETAIL_UNWIND_ARCH_X86_64_SIGNAL_CONTEXT_HPP
#define TASKLEAK_DETAIL_UNWIND_ARCH_X86_64_SIGNAL_CONTEXT_HPP

#include <taskleak/detail/platform/foreign_memory.hpp>
#include <taskleak/detail/platform/parked_call.hpp>
#include <taskleak/detail/unwind/arch/x86_64/plain_instructions.hpp>
#include <taskleak/detail/unwind/arch/x86_64/registers.hpp>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include <ucontext.h>

namespace taskleak::inline v0::detail {

/// Returns the registers that a signal has interrupted, by DWARF's numbers.
inline registers interrupted_registers(const gregset_t& values) noexcept {
  std::uintptr_t by_number[dwarf_register::count];
  copy_registers(values, by_number);
  registers r;
  for (unsigned i = 0; i < dwarf_register::count; ++i) r.set(i, by_number[i]);
  return r;
}

/// Returns the system call that a signal has interrupted; `running` when the thread was in none.
///
/// The kernel leaves the arguments in their registers. A call that is to be restarted has its number in %rax again and the
/// program counter on the `syscall` instruction; one that fails with EINTR has the program counter behind it, and its number is
/// in the `mov $number, %eax` that libc has in front of it.
inline parked_call interrupted_call(const gregset_t& r) noexcept {
  parked_call call;
  call.what = parked_call::kind::running;
  call.sp = static_cast<std::uintptr_t>(r[REG_RSP]);
  call.pc = static_cast<std::uintptr_t>(r[REG_RIP]);
  unsigned char code[9]{};  // mov $imm32, %eax; syscall; then the program counter; then two bytes more
  if (copy_memory(call.pc - 7, code, sizeof code) != sizeof code) return call;
  constexpr unsigned char syscall_code[] = {0x0F, 0x05};
  if (std::memcmp(code + 7, syscall_code, 2) == 0) {
    call.number = static_cast<long>(r[REG_RAX]);
  } else if (std::memcmp(code + 5, syscall_code, 2) == 0 && r[REG_RAX] == -EINTR) {
    std::int32_t number = -1;
    if (code[0] == 0xB8) std::memcpy(&number, code + 1, sizeof number);
    call.number = number;
  } else {
    return call;
  }
  call.what = parked_call::kind::blocked;
  const int order[6] = {REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9};
  for (int i = 0; i < 6; ++i) call.arguments[i] = static_cast<std::uintptr_t>(r[order[i]]);
  return call;
}

}  // namespace taskleak::inline v0::detail

#endif
