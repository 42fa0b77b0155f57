// SPDX-License-Identifier: MIT
/// \file The stack that a signal has interrupted, walked inside the signal handler: no allocation, no lock, no plain read of
/// memory that may not be there.
#ifndef TASKLEAK_DETAIL_UNWIND_SIGNAL_STACK_HPP
#define TASKLEAK_DETAIL_UNWIND_SIGNAL_STACK_HPP

#include <taskleak/detail/platform/foreign_memory.hpp>
#include <taskleak/detail/platform/parked_call.hpp>
#include <taskleak/detail/unwind/arch/x86_64/registers.hpp>
#include <taskleak/detail/unwind/step_cache.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <ucontext.h>

namespace taskleak::inline v0::detail {

/// Returns the registers that a signal has interrupted, by DWARF's numbers.
inline registers interrupted_registers(const gregset_t& values) noexcept {
  static constexpr int order[dwarf_register::count] = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI,
                                                       REG_RBP, REG_RSP, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                                       REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP};
  registers r;
  for (unsigned i = 0; i < dwarf_register::count; ++i) r.set(i, static_cast<std::uintptr_t>(values[order[i]]));
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

/// The functions on the stack, innermost first, as far as they find their frames from %rsp or %rbp, as nearly all do.
class signal_safe_stack {
 public:
  static constexpr std::size_t most = 48;

  constexpr signal_safe_stack() noexcept = default;

  [[gnu::noinline]] explicit signal_safe_stack(const registers& from) noexcept {
    std::uintptr_t pc = from[dwarf_register::return_address];
    std::uintptr_t sp = from[dwarf_register::rsp];
    std::uintptr_t bp = from[dwarf_register::rbp];
    while (size_ < most) {
      frame_rules row;
      const bool known = find_frame_rules(size_ == 0 ? pc : pc - 1, row);
      addresses_[size_] = pc;
      functions_[size_++] = row.function;
      if (!known) return;
      in_signal_handler_ = row.signal_frame;
      const frame_step step = frame_step::of(row);
      complete_ = step.is_bottom();
      if (step.is_unknown() || step.is_bottom()) return;
      const std::uintptr_t cfa = (step.cfa_is_from_rbp() ? bp : sp) + step.cfa_offset();
      if (cfa <= sp) return;
      if (step.saves_rbp() && !copy_value(cfa + static_cast<std::uintptr_t>(step.rbp_slot() * 8), bp)) return;
      if (!copy_value(cfa - 8, pc)) return;
      complete_ = pc == 0;
      if (complete_) return;
      sp = cfa;
    }
  }

  std::size_t size() const noexcept { return size_; }
  std::uintptr_t address(std::size_t i) const noexcept { return addresses_[i]; }
  /// Returns where the code of the frame's function begins; 0 when that is not known.
  std::uintptr_t function(std::size_t i) const noexcept { return functions_[i]; }
  /// Whether it goes to where the thread began.
  bool is_complete() const noexcept { return complete_; }
  /// Whether the stack ends in another signal handler, which may have interrupted anything.
  bool is_in_signal_handler() const noexcept { return in_signal_handler_; }

 private:
  std::uintptr_t addresses_[most]{};
  std::uintptr_t functions_[most]{};
  std::size_t size_ = 0;
  bool complete_ = false;
  bool in_signal_handler_ = false;
};

}  // namespace taskleak::inline v0::detail

#endif
