// SPDX-License-Identifier: MIT
/// \file Reads what x86-64 code says about calls and frames: Intel's Software Developer's Manual, volume 2.
#ifndef TASKLEAK_DETAIL_UNWIND_ARCH_X86_64_CODE_HPP
#define TASKLEAK_DETAIL_UNWIND_ARCH_X86_64_CODE_HPP

#include <taskleak/detail/platform/foreign_memory.hpp>
#include <taskleak/detail/unwind/function_start.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace taskleak::inline v0::detail {

/// Returns bytes of a function that function_start() knows: they are mapped.
inline const unsigned char* code_at(std::uintptr_t address) noexcept { return reinterpret_cast<const unsigned char*>(address); }

inline std::int32_t displacement_at(std::uintptr_t address) noexcept {
  std::int32_t value = 0;
  std::memcpy(&value, code_at(address), sizeof value);
  return value;
}

/// Follows the jump of a procedure linkage table's entry to the function; other addresses stay as they are.
inline std::uintptr_t through_linkage_table(std::uintptr_t target) noexcept {
  unsigned char code[16];
  if (copy_memory(target, code, sizeof code) != sizeof code) return target;
  static constexpr unsigned char endbr64[4] = {0xF3, 0x0F, 0x1E, 0xFA};
  std::size_t at = std::memcmp(code, endbr64, sizeof endbr64) == 0 ? 4 : 0;
  if (code[at] == 0xF2) ++at;                                   // bnd
  if (code[at] != 0xFF || code[at + 1] != 0x25) return target;  // jmp *disp32(%rip)
  std::int32_t to_slot = 0;
  std::memcpy(&to_slot, code + at + 2, sizeof to_slot);
  std::uintptr_t function = 0;
  return copy_value(target + at + 6 + static_cast<std::uintptr_t>(std::intptr_t{to_slot}), function) ? function : target;
}

/// Says what the bytes before a return address tell of the call.
struct call_site {
  bool is_call = false;
  std::uintptr_t target = 0;  ///< 0 when the call goes through a register or memory that may have changed
};

/// Reads the call before `address`, which must lie in a function that function_start() knows.
inline call_site call_before(std::uintptr_t address) noexcept {
  if (*code_at(address - 5) == 0xE8)
    return {true, through_linkage_table(address + static_cast<std::uintptr_t>(std::intptr_t{displacement_at(address - 4)}))};
  if (*code_at(address - 6) == 0xFF && *code_at(address - 5) == 0x15) {  // call *disp32(%rip), as -fno-plt writes it
    std::uintptr_t function = 0;
    copy_value(address + static_cast<std::uintptr_t>(std::intptr_t{displacement_at(address - 4)}), function);
    return {true, function};
  }
  for (const std::size_t length : {2u, 3u, 4u, 6u, 7u}) {  // call through register or memory: FF /2
    const auto* code = code_at(address - length);
    if (code[0] == 0xFF && (code[1] >> 3 & 7) == 2) return {true, 0};
  }
  return {};
}

/// Returns none: each function has its return address on the stack.
inline std::vector<std::uintptr_t> return_addresses_of(std::uintptr_t) noexcept { return {}; }

/// Whether a word from a stack may be the return address of a call.
inline bool may_be_return_address(std::uintptr_t word, call_site& site) noexcept {
  const std::uintptr_t function = function_start(word - 1);
  if (function == 0 || word < function + 2) return false;
  site = word >= function + 8 ? call_before(word) : call_site{};
  return site.is_call;
}

/// Whether a call of the target may have led to the function: it is the function, or jumps to it near its start, as a part does
/// of which the compiler made two.
inline bool leads_to(std::uintptr_t target, std::uintptr_t function) noexcept {
  const std::uintptr_t start = function_start(target);
  if (start == 0 || start == function) return start != 0;
  unsigned char code[64];
  const std::size_t size = copy_memory(start, code, sizeof code);
  for (std::size_t at = 0; at + 5 <= size; ++at) {
    if (code[at] != 0xE9) continue;  // jmp rel32
    std::int32_t distance = 0;
    std::memcpy(&distance, code + at + 1, sizeof distance);
    if (start + at + 5 + static_cast<std::uintptr_t>(std::intptr_t{distance}) == function) return true;
  }
  return false;
}

/// Returns the bytes between the stack pointer after the prologue and the saved frame pointer, read from a function that starts
/// `push %rbp; mov %rsp,%rbp`; -1 when it does not.
inline std::intptr_t fixed_frame_size(std::uintptr_t function) noexcept {
  unsigned char code[64];
  if (copy_memory(function, code, sizeof code) != sizeof code) return -1;
  std::size_t at = code[0] == 0xF3 && code[1] == 0x0F ? 4 : 0;  // endbr64
  if (code[at++] != 0x55) return -1;
  if (!(code[at] == 0x48 && ((code[at + 1] == 0x89 && code[at + 2] == 0xE5) || (code[at + 1] == 0x8B && code[at + 2] == 0xEC))))
    return -1;
  at += 3;
  std::intptr_t size = 0;
  for (; at + 8 < sizeof code;) {
    if (code[at] >= 0x50 && code[at] <= 0x57) {
      size += 8;
      at += 1;
    } else if (code[at] == 0x41 && code[at + 1] >= 0x50 && code[at + 1] <= 0x57) {
      size += 8;
      at += 2;
    } else if (code[at] == 0x48 && code[at + 1] == 0x83 && code[at + 2] == 0xEC) {
      return size + static_cast<signed char>(code[at + 3]);
    } else if (code[at] == 0x48 && code[at + 1] == 0x81 && code[at + 2] == 0xEC) {
      std::int32_t bytes = 0;
      std::memcpy(&bytes, code + at + 3, sizeof bytes);
      return size + bytes;
    } else {
      return size;
    }
  }
  return size;
}

}  // namespace taskleak::inline v0::detail

#endif
