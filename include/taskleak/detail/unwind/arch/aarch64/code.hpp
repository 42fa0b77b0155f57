// SPDX-License-Identifier: MIT
/// \file Reads what AArch64 code says about calls and frames: Arm Architecture Reference Manual for A-profile, part C6.
#ifndef TASKLEAK_DETAIL_UNWIND_ARCH_AARCH64_CODE_HPP
#define TASKLEAK_DETAIL_UNWIND_ARCH_AARCH64_CODE_HPP

#include <taskleak/detail/platform/foreign_memory.hpp>
#include <taskleak/detail/unwind/arch/aarch64/registers.hpp>
#include <taskleak/detail/unwind/function_start.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace taskleak::inline v0::detail {

/// Returns an instruction of a function that function_start() knows: it is mapped.
inline std::uint32_t instruction_at(std::uintptr_t address) noexcept {
  std::uint32_t value = 0;
  std::memcpy(&value, reinterpret_cast<const void*>(address), sizeof value);
  return value;
}

/// Holds the instructions that are looked for: `bits` under `mask`.
struct instruction_form {
  std::uint32_t mask;
  std::uint32_t bits;
  constexpr bool fits(std::uint32_t instruction) const noexcept { return (instruction & mask) == bits; }
};
inline constexpr instruction_form branch_with_link{0xFC000000, 0x94000000};              // bl
inline constexpr instruction_form plain_branch{0xFC000000, 0x14000000};                  // b
inline constexpr instruction_form branch_by_register_with_link{0xFEFFF000, 0xD63F0000};  // blr, and those that authenticate

/// Returns where a `b` or `bl` at this address leads.
inline std::uintptr_t target_of_branch(std::uintptr_t address, std::uint32_t instruction) noexcept {
  const auto words = static_cast<std::int32_t>(instruction << 6) >> 6;
  return address + static_cast<std::uintptr_t>(std::intptr_t{words} * 4);
}

/// Returns the word of memory that an entry of a procedure linkage table jumps through; 0 when the four instructions at the
/// address are none. ELF for the Arm 64-bit Architecture (aaelf64), "PLT sequences".
inline std::uintptr_t slot_of_linkage_table(std::uintptr_t address, const std::uint32_t* code) noexcept {
  constexpr instruction_form page_to_x16{0x9F00001F, 0x90000010};  // adrp x16, page
  constexpr instruction_form load_to_x17{0xFFC003FF, 0xF9400211};  // ldr x17, [x16, #offset]
  constexpr std::uint32_t jump = 0xD61F0220;                       // br x17
  if (!page_to_x16.fits(code[0]) || !load_to_x17.fits(code[1]) || code[3] != jump) return 0;
  const std::uint32_t low = code[0] >> 29 & 3, high = code[0] >> 5 & 0x7FFFF;
  const auto pages = static_cast<std::int32_t>((high << 2 | low) << 11) >> 11;
  const std::uintptr_t page = (address & ~std::uintptr_t{4095}) + static_cast<std::uintptr_t>(std::intptr_t{pages} * 4096);
  return page + (code[1] >> 10 & 0xFFF) * 8;
}

/// Follows the jump of a procedure linkage table's entry to the function; other addresses stay as they are.
inline std::uintptr_t through_linkage_table(std::uintptr_t target) noexcept {
  std::uint32_t code[5];
  if (copy_memory(target, code, sizeof code) != sizeof code) return target;
  constexpr std::uint32_t landing_pad = 0xD503245F;  // bti c
  const std::size_t at = code[0] == landing_pad ? 1 : 0;
  const std::uintptr_t slot = slot_of_linkage_table(target + at * sizeof *code, code + at);
  std::uintptr_t function = 0;
  return slot != 0 && copy_value(slot, function) ? function : target;
}

/// Says what the instruction before a return address tells of the call.
struct call_site {
  bool is_call = false;
  std::uintptr_t target = 0;  ///< 0 when the call goes through a register
};

/// Reads the call before `address`, which must lie in a function that function_start() knows.
inline call_site call_before(std::uintptr_t address) noexcept {
  const std::uintptr_t at = address - sizeof(std::uint32_t);
  const std::uint32_t instruction = instruction_at(at);
  if (branch_with_link.fits(instruction)) return {true, through_linkage_table(target_of_branch(at, instruction))};
  return {branch_by_register_with_link.fits(instruction), 0};
}

/// Whether a word from a stack may be the return address of a call.
inline bool may_be_return_address(std::uintptr_t word, call_site& site) noexcept {
  const std::uintptr_t address = without_signature(word);
  if (address % sizeof(std::uint32_t) != 0) return false;
  const std::uintptr_t function = function_start(address - 1);
  if (function == 0 || address < function + sizeof(std::uint32_t)) return false;
  site = call_before(address);
  return site.is_call;
}

/// Whether a call of the target may have led to the function: it is the function, or jumps to it near its start, as a part does
/// of which the compiler made two.
inline bool leads_to(std::uintptr_t target, std::uintptr_t function) noexcept {
  const std::uintptr_t start = function_start(target);
  if (start == 0 || start == function) return start != 0;
  std::uint32_t code[16];
  const std::size_t count = copy_memory(start, code, sizeof code) / sizeof *code;
  for (std::size_t i = 0; i < count; ++i)
    if (plain_branch.fits(code[i]) && target_of_branch(start + i * sizeof *code, code[i]) == function) return true;
  return false;
}

/// Returns the bytes between the stack pointer after the prologue and the frame record, read from a function that makes x29 point
/// to one at its start; -1 when it does not.
inline std::intptr_t fixed_frame_size(std::uintptr_t function) noexcept {
  constexpr instruction_form point_to_record{0xFFC003FF, 0x910003FD};  // add x29, sp, #size; with 0 it is mov x29, sp
  constexpr instruction_form lower_stack{0xFF8003FF, 0xD10003FF};      // sub sp, sp, #size
  constexpr instruction_form push_pair{0xFFC003E0, 0xA98003E0};        // stp x, y, [sp, #-size]!
  std::uint32_t code[16];
  const std::size_t count = copy_memory(function, code, sizeof code) / sizeof *code;
  std::intptr_t size = -1;
  for (std::size_t i = 0; i < count; ++i) {
    if (branch_with_link.fits(code[i]) || plain_branch.fits(code[i])) break;
    if (point_to_record.fits(code[i])) {
      size = code[i] >> 10 & 0xFFF;
    } else if (size >= 0 && lower_stack.fits(code[i])) {
      const std::intptr_t bytes = code[i] >> 10 & 0xFFF;
      size += code[i] >> 22 & 1 ? bytes << 12 : bytes;
    } else if (size >= 0 && push_pair.fits(code[i])) {
      size -= (static_cast<std::int32_t>(code[i] << 10) >> 25) * std::intptr_t{8};
    }
  }
  return size;
}

}  // namespace taskleak::inline v0::detail

#endif
