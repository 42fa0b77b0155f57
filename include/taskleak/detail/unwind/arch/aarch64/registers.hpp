// SPDX-License-Identifier: MIT
/// \file Holds the registers of a frame by their DWARF numbers, some of them unknown.
#ifndef TASKLEAK_DETAIL_UNWIND_ARCH_AARCH64_REGISTERS_HPP
#define TASKLEAK_DETAIL_UNWIND_ARCH_AARCH64_REGISTERS_HPP

#include <cstdint>

namespace taskleak::inline v0::detail {

/// Numbers the registers as "DWARF for the Arm 64-bit Architecture" (aadwarf64) does, section 4.1.
namespace dwarf_register {
inline constexpr unsigned x29 = 29;
inline constexpr unsigned link = 30;
inline constexpr unsigned sp = 31;
// what the walk over a stack needs of any CPU
inline constexpr unsigned frame_pointer = x29;
inline constexpr unsigned stack_pointer = sp;
/// Is the program counter of a frame.
inline constexpr unsigned return_address = 32;
/// Is where call frame information says how to find the caller's program counter: a call leaves it in the link register.
inline constexpr unsigned return_column = link;
inline constexpr unsigned count = 33;
}  // namespace dwarf_register

/// Lists those whose value a function keeps for its caller, without the stack pointer: Procedure Call Standard for the Arm 64-bit
/// Architecture (aapcs64), section 6.1.1.
inline constexpr unsigned registers_that_outlive_calls[] = {
    19, 20, 21, 22, 23, 24, 25, 26, 27, 28, dwarf_register::frame_pointer};

class registers {
 public:
  bool knows(unsigned r) const noexcept { return r < dwarf_register::count && (known_ >> r & 1u); }
  std::uintptr_t operator[](unsigned r) const noexcept { return values_[r]; }
  void set(unsigned r, std::uintptr_t value) noexcept {
    values_[r] = value;
    known_ |= std::uint64_t{1} << r;
  }

 private:
  std::uintptr_t values_[dwarf_register::count]{};
  std::uint64_t known_ = 0;
};

/// Returns an address without the signature that pointer authentication puts into its unused upper bits: the instruction XPACLRI,
/// which does nothing on a CPU that does not sign.
inline std::uintptr_t without_signature(std::uintptr_t address) noexcept {
  register std::uintptr_t in_link asm("x30") = address;
  asm("hint #7" : "+r"(in_link));
  return in_link;
}

}  // namespace taskleak::inline v0::detail

#endif
