// SPDX-License-Identifier: MIT
/// \file Reads what a signal has interrupted: registers, and the system call.
#ifndef TASKLEAK_DETAIL_UNWIND_ARCH_X86_64_SIGNAL_CONTEXT_HPP
#define TASKLEAK_DETAIL_UNWIND_ARCH_X86_64_SIGNAL_CONTEXT_HPP

#include <taskleak/detail/platform/foreign_memory.hpp>
#include <taskleak/detail/platform/parked_call.hpp>
#include <taskleak/detail/unwind/arch/x86_64/plain_instructions.hpp>
#include <taskleak/detail/unwind/arch/x86_64/registers.hpp>

#include <cerrno>
#include <cstdint>
#include <cstring>

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

/// Whether a thread that raised the signal by tgkill(2), or by kill(2), was interrupted behind that call, whose arguments are
/// still in its registers.
inline bool has_raised_by_tgkill(const signal_registers& r, int process, int thread, int signal) noexcept {
  return r[REG_RDI] == process && r[REG_RSI] == thread && r[REG_RDX] == signal;
}
inline bool has_raised_by_kill(const signal_registers& r, int process, int signal) noexcept {
  return r[REG_RDI] == process && r[REG_RSI] == signal;
}

/// Returns the system call that a signal has interrupted; `running` when the thread was in none.
///
/// The kernel leaves the arguments in their registers. A call that is to be restarted has its number in %rax again and the
/// program counter on the `syscall` instruction; one that fails with EINTR has the program counter behind it, and its number is
/// in the `mov $number, %eax` that libc has in front of it.
inline parked_call interrupted_call(const signal_registers& r) noexcept {
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

/// Whether the kernel does not restart the call after a signal, and it has no limit that would begin anew.
inline bool may_be_called_again(const parked_call& call) noexcept {
  switch (call.number) {
    case SYS_pause:
    case SYS_rt_sigsuspend: return true;
    case SYS_poll: return static_cast<int>(call.arguments[2]) < 0;
    case SYS_epoll_wait:
    case SYS_epoll_pwait: return static_cast<int>(call.arguments[3]) < 0;
    case SYS_ppoll: return call.arguments[2] == 0;
    case SYS_select:
    case SYS_pselect6: return call.arguments[4] == 0;
    default: return false;
  }
}

/// Makes the interrupted thread call again what the signal has ended with EINTR, as if there had been no signal. The kernel
/// restarts most other calls itself, with SA_RESTART: signal(7), "Interruption of system calls".
inline void call_again(signal_registers& r) noexcept {
  if (r[REG_RAX] != -EINTR) return;
  const parked_call call = interrupted_call(r);
  if (call.what != parked_call::kind::blocked || !may_be_called_again(call)) return;
  constexpr int length_of_instruction = 2;
  r[REG_RAX] = call.number;
  r[REG_RIP] -= length_of_instruction;
}

/// Is false: call frame information tells of the code that a signal handler returns to.
inline bool is_return_from_signal(std::uintptr_t) noexcept { return false; }

template <class Memory>
bool step_to_interrupted(Memory&, registers&) noexcept {
  return false;
}

}  // namespace taskleak::inline v0::detail

#endif
