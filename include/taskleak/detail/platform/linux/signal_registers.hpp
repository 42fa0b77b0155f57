// SPDX-License-Identifier: MIT
/// \file Says where in a signal's context the interrupted registers are, as the kernel has put them there.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_SIGNAL_REGISTERS_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_SIGNAL_REGISTERS_HPP

#include <cstddef>
#include <cstdint>

#include <ucontext.h>

namespace taskleak::inline v0::detail {

#if defined(__aarch64__)
/// Is what mcontext_t begins with: struct sigcontext of the kernel's arch/arm64/include/uapi/asm/sigcontext.h, without the four
/// kilobytes of vector registers behind.
struct signal_registers {
  std::uint64_t fault_address;
  std::uint64_t regs[31];
  std::uint64_t sp;
  std::uint64_t pc;
  std::uint64_t pstate;
};
static_assert(offsetof(mcontext_t, regs) == offsetof(signal_registers, regs));
static_assert(offsetof(mcontext_t, pstate) == offsetof(signal_registers, pstate));
inline constexpr std::size_t place_of_signal_registers = offsetof(ucontext_t, uc_mcontext);
#else
using signal_registers = gregset_t;
inline constexpr std::size_t place_of_signal_registers = offsetof(ucontext_t, uc_mcontext.gregs);
#endif

}  // namespace taskleak::inline v0::detail

#endif
