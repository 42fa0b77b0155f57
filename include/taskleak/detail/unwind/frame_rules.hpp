// SPDX-License-Identifier: MIT
/// \file How to get from a frame to its caller: the row of a function's call frame information for one program counter.
#ifndef TASKLEAK_DETAIL_UNWIND_FRAME_RULES_HPP
#define TASKLEAK_DETAIL_UNWIND_FRAME_RULES_HPP

#include <taskleak/detail/unwind/arch/x86_64/registers.hpp>
#include <taskleak/detail/unwind/dwarf_reader.hpp>

#include <cstdint>
#include <cstring>

// The unwinder library's own look-up (libgcc_s, its static part, LLVM's libunwind): it knows all modules and takes no lock that a
// parked thread could hold. Declared in GCC's unwind-dw2-fde.h, which is not installed.
extern "C" {
struct taskleak_dwarf_eh_bases {
  void* text;
  void* data;
  void* function;
};
const void* _Unwind_Find_FDE(const void* pc, taskleak_dwarf_eh_bases* bases);
}

namespace taskleak::inline v0::detail {

struct register_rule {
  enum class kind : unsigned char { same, undefined, at_cfa_offset, is_cfa_offset, in_register, at_expression, is_expression };
  kind how = kind::same;
  std::int64_t operand = 0;                   ///< an offset or a register
  const unsigned char* expression = nullptr;  ///< its ULEB128 length comes first
};

/// One row of the table of DWARF 5, section 6.4.1.
struct frame_rules {
  std::uintptr_t function = 0;  ///< start of the function's code
  bool signal_frame = false;    ///< the program counter is the interrupted one, not a return address
  unsigned cfa_register = 0;
  std::int64_t cfa_offset = 0;
  const unsigned char* cfa_expression = nullptr;
  register_rule rules[dwarf_register::count];
};

/// Start of the code of the function at this address; 0 when no module has unwind information for it.
inline std::uintptr_t function_start(std::uintptr_t pc) noexcept {
  taskleak_dwarf_eh_bases bases{};
  if (pc == 0 || !_Unwind_Find_FDE(reinterpret_cast<const void*>(pc), &bases)) return 0;
  return reinterpret_cast<std::uintptr_t>(bases.function);
}

/// Interprets call frame instructions (DW_CFA_*), DWARF 5 section 6.4.2, up to a program counter.
class frame_program {
 public:
  frame_program(std::uintptr_t start, std::uint64_t code_align, std::int64_t data_align, unsigned pointer_encoding) noexcept
      : location_(start), code_align_(code_align), data_align_(data_align), pointer_encoding_(pointer_encoding) {}

  /// False when it meets an instruction it does not know.
  bool run(dwarf_reader in, std::uintptr_t pc, frame_rules& row) noexcept {
    while (!in.done() && location_ <= pc) {
      const unsigned op = in.fixed<unsigned char>();
      const unsigned low = op & 0x3Fu;
      switch (op & 0xC0u) {
        case 0x40: location_ += low * code_align_; continue;
        case 0x80: set_offset(row, low, static_cast<std::int64_t>(in.uleb()) * data_align_); continue;
        case 0xC0: restore(row, low); continue;
        default: break;
      }
      if (!extended(op, in, row)) return false;
    }
    return true;
  }

  /// What the instructions of the common entry left: DW_CFA_restore goes back to it.
  void keep_initial(const frame_rules& row) noexcept { initial_ = row; }

 private:
  using kind = register_rule::kind;

  bool extended(unsigned op, dwarf_reader& in, frame_rules& row) noexcept {
    switch (op) {
      case 0x00: return true;                                                        // nop
      case 0x01: return set_location(in);                                            // set_loc
      case 0x02: location_ += in.fixed<std::uint8_t>() * code_align_; return true;   // advance_loc1
      case 0x03: location_ += in.fixed<std::uint16_t>() * code_align_; return true;  // advance_loc2
      case 0x04: location_ += in.fixed<std::uint32_t>() * code_align_; return true;  // advance_loc4
      case 0x05: {
        const auto r = reg(in);
        set_offset(row, r, static_cast<std::int64_t>(in.uleb()) * data_align_);
        return true;
      }
      case 0x06: restore(row, reg(in)); return true;  // restore_extended
      case 0x07: set(row, reg(in), {kind::undefined, 0, nullptr}); return true;
      case 0x08: set(row, reg(in), {kind::same, 0, nullptr}); return true;
      case 0x09: {
        const auto r = reg(in);
        set(row, r, {kind::in_register, static_cast<std::int64_t>(in.uleb()), nullptr});
        return true;
      }
      case 0x0A: return remember(row);
      case 0x0B: return recall(row);
      case 0x0C:
        row.cfa_register = reg(in);
        row.cfa_offset = static_cast<std::int64_t>(in.uleb());
        row.cfa_expression = nullptr;
        return true;
      case 0x0D: row.cfa_register = reg(in); return true;
      case 0x0E: row.cfa_offset = static_cast<std::int64_t>(in.uleb()); return true;
      case 0x0F: row.cfa_expression = block(in); return true;
      case 0x10: {
        const auto r = reg(in);
        set(row, r, {kind::at_expression, 0, block(in)});
        return true;
      }
      case 0x11: {
        const auto r = reg(in);
        set_offset(row, r, in.sleb() * data_align_);
        return true;
      }
      case 0x12:
        row.cfa_register = reg(in);
        row.cfa_offset = in.sleb() * data_align_;
        row.cfa_expression = nullptr;
        return true;
      case 0x13: row.cfa_offset = in.sleb() * data_align_; return true;
      case 0x14: {
        const auto r = reg(in);
        set(row, r, {kind::is_cfa_offset, static_cast<std::int64_t>(in.uleb()) * data_align_, nullptr});
        return true;
      }
      case 0x15: {
        const auto r = reg(in);
        set(row, r, {kind::is_cfa_offset, in.sleb() * data_align_, nullptr});
        return true;
      }
      case 0x16: {
        const auto r = reg(in);
        set(row, r, {kind::is_expression, 0, block(in)});
        return true;
      }
      case 0x2E: in.uleb(); return true;  // GNU_args_size
      default: return false;
    }
  }

  static unsigned reg(dwarf_reader& in) noexcept { return static_cast<unsigned>(in.uleb()); }

  static const unsigned char* block(dwarf_reader& in) noexcept {
    const auto* begin = in.at();
    const auto length = in.uleb();
    in.skip(length);
    return begin;
  }

  static void set(frame_rules& row, unsigned r, register_rule rule) noexcept {
    if (r < dwarf_register::count) row.rules[r] = rule;  // the others, vector registers, are not followed
  }
  static void set_offset(frame_rules& row, unsigned r, std::int64_t offset) noexcept {
    set(row, r, {kind::at_cfa_offset, offset, nullptr});
  }
  void restore(frame_rules& row, unsigned r) noexcept {
    if (r < dwarf_register::count) row.rules[r] = initial_.rules[r];
  }
  bool set_location(dwarf_reader& in) noexcept {
    if (encoded_pointer_size(pointer_encoding_) != sizeof(std::uintptr_t)) return false;
    location_ = in.fixed<std::uintptr_t>();
    return true;
  }
  bool remember(const frame_rules& row) noexcept {
    if (depth_ == max_depth) return false;
    remembered_[depth_++] = row;
    return true;
  }
  bool recall(frame_rules& row) noexcept {
    if (depth_ == 0) return false;
    row = remembered_[--depth_];
    return true;
  }

  static constexpr unsigned max_depth = 4;  // compilers nest these once
  std::uintptr_t location_;
  std::uint64_t code_align_;
  std::int64_t data_align_;
  unsigned pointer_encoding_;
  unsigned depth_ = 0;
  frame_rules initial_;
  frame_rules remembered_[max_depth];
};

/// Finds the row for a program counter; false when there is none, or one this reader does not understand.
///
/// `pc` is the address itself for an innermost or interrupted frame, and one less for a return address.
inline bool find_frame_rules(std::uintptr_t pc, frame_rules& row) noexcept {
  taskleak_dwarf_eh_bases bases{};
  const auto* fde = pc ? static_cast<const unsigned char*>(_Unwind_Find_FDE(reinterpret_cast<const void*>(pc), &bases)) : nullptr;
  if (!fde) return false;

  std::uint32_t length = 0;
  std::int32_t to_common = 0;
  std::memcpy(&length, fde, 4);
  std::memcpy(&to_common, fde + 4, 4);
  if (length == 0xFFFFFFFFu) return false;  // 64-bit DWARF: no linker writes it into .eh_frame
  const unsigned char* common = fde + 4 - to_common;
  std::uint32_t common_length = 0;
  std::memcpy(&common_length, common, 4);

  // The common information entry: LSB core, "Common Information Entry Format"
  dwarf_reader cie(common + 8, common + 4 + common_length);
  const unsigned version = cie.fixed<unsigned char>();
  const char* augmentation = cie.text();
  if (augmentation[0] == 'e' && augmentation[1] == 'h') return false;
  const std::uint64_t code_align = cie.uleb();
  const std::int64_t data_align = cie.sleb();
  const std::uint64_t return_register = version == 1 ? cie.fixed<unsigned char>() : cie.uleb();
  if (return_register != dwarf_register::return_address) return false;
  unsigned pointer_encoding = 0;
  if (augmentation[0] == 'z') {
    const std::uint64_t size = cie.uleb();
    const unsigned char* instructions = cie.at() + size;
    for (const char* a = augmentation + 1; *a; ++a) {
      if (*a == 'R')
        pointer_encoding = cie.fixed<unsigned char>();
      else if (*a == 'L')
        cie.skip(1);
      else if (*a == 'P')
        cie.skip(encoded_pointer_size(cie.fixed<unsigned char>()));
      else if (*a == 'S')
        row.signal_frame = true;
    }
    cie = dwarf_reader(instructions, common + 4 + common_length);
  }

  dwarf_reader own(fde + 8, fde + 4 + length);
  const std::size_t pointer_size = encoded_pointer_size(pointer_encoding);
  if (pointer_size == 0) return false;
  own.skip(2 * pointer_size);
  if (augmentation[0] == 'z') own.skip(own.uleb());

  row.function = reinterpret_cast<std::uintptr_t>(bases.function);
  frame_program program(row.function, code_align, data_align, pointer_encoding);
  if (!program.run(cie, UINTPTR_MAX, row)) return false;
  program.keep_initial(row);
  return program.run(own, pc, row);
}

}  // namespace taskleak::inline v0::detail

#endif
