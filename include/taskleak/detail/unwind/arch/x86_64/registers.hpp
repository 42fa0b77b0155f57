// SPDX-License-Identifier: MIT
/// \file Holds the registers of a frame by their DWARF numbers, some of them unknown.
#ifndef TASKLEAK_DETAIL_UNWIND_ARCH_X86_64_REGISTERS_HPP
#define TASKLEAK_DETAIL_UNWIND_ARCH_X86_64_REGISTERS_HPP

#include <cstdint>

namespace taskleak::inline v0::detail {

/// Numbers the registers as the System V psABI does, figure "DWARF Register Number Mapping".
namespace dwarf_register {
inline constexpr unsigned rbx = 3;
inline constexpr unsigned rbp = 6;
inline constexpr unsigned rsp = 7;
inline constexpr unsigned return_address = 16;
inline constexpr unsigned count = 17;
// what the walk over a stack needs of any CPU
inline constexpr unsigned frame_pointer = rbp;
inline constexpr unsigned stack_pointer = rsp;
/// Is where call frame information says how to find the caller's program counter.
inline constexpr unsigned return_column = return_address;
}  // namespace dwarf_register

/// Lists those whose value a function keeps for its caller, without the stack pointer: System V psABI, figure "Register Usage".
inline constexpr unsigned registers_that_outlive_calls[] = {3, dwarf_register::frame_pointer, 12, 13, 14, 15};

class registers {
 public:
  bool knows(unsigned r) const noexcept { return r < dwarf_register::count && (known_ >> r & 1u); }
  std::uintptr_t operator[](unsigned r) const noexcept { return values_[r]; }
  void set(unsigned r, std::uintptr_t value) noexcept {
    values_[r] = value;
    known_ |= 1u << r;
  }

 private:
  std::uintptr_t values_[dwarf_register::count]{};
  std::uint32_t known_ = 0;
};

/// Returns the address: nothing signs one on this CPU.
constexpr std::uintptr_t without_signature(std::uintptr_t address) noexcept { return address; }

}  // namespace taskleak::inline v0::detail

#endif
