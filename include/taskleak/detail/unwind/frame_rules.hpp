// SPDX-License-Identifier: MIT
/// \file Finds how to get from a frame to its caller: the row of a function's call frame information for one program counter.
#ifndef TASKLEAK_DETAIL_UNWIND_FRAME_RULES_HPP
#define TASKLEAK_DETAIL_UNWIND_FRAME_RULES_HPP

#include <taskleak/detail/base/byte_reader.hpp>
#include <taskleak/detail/unwind/arch/arch.hpp>
#include <taskleak/detail/unwind/function_start.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace taskleak::inline v0::detail {

struct register_rule {
  enum class kind : unsigned char { same, undefined, at_cfa_offset, is_cfa_offset, in_register, at_expression, is_expression };
  kind how = kind::same;
  std::int64_t operand = 0;          ///< an offset or a register
  std::string_view expression = {};  ///< the operations
};

/// Holds one row of the table of DWARF 5, section 6.4.1.
struct frame_rules {
  std::uintptr_t function = 0;  ///< start of the function's code
  bool signal_frame = false;    ///< the program counter is the interrupted one, not a return address
  unsigned cfa_register = 0;
  std::int64_t cfa_offset = 0;
  std::string_view cfa_expression;  ///< in the place of the two above, where there is one
  register_rule rules[dwarf_register::count];
};

/// Whether the row's function has its return address in the register that its call has left it in.
inline bool returns_by_register(const frame_rules& rules) noexcept {
  return dwarf_register::return_column != dwarf_register::return_address &&
         rules.rules[dwarf_register::return_column].how == register_rule::kind::same;
}

/// Returns the bytes a pointer of this encoding (DW_EH_PE_*) takes; 0 when it has no fixed size. Linux Standard Base, "DWARF
/// Extensions".
inline std::size_t encoded_pointer_size(unsigned encoding) noexcept {
  switch (encoding & 0x07) {
    case 0x00: return sizeof(void*);
    case 0x02: return 2;
    case 0x03: return 4;
    case 0x04: return 8;
    default: return 0;
  }
}

/// Interprets call frame instructions (DW_CFA_*), DWARF 5 section 6.4.2, up to a program counter.
class frame_program {
 public:
  frame_program(std::uintptr_t start, std::uint64_t code_align, std::int64_t data_align, unsigned pointer_encoding) noexcept
      : location_(start), code_align_(code_align), data_align_(data_align), pointer_encoding_(pointer_encoding) {}

  /// Returns false when it meets an instruction that it does not know, or half of one.
  bool run(byte_reader in, std::uintptr_t pc, frame_rules& row) noexcept {
    while (!in.at_end() && location_ <= pc) {
      const unsigned op = in.byte();
      const unsigned low = op & 0x3Fu;
      switch (op & 0xC0u) {
        case 0x40: location_ += low * code_align_; continue;
        case 0x80: set_offset(row, low, scaled(in.unsigned_leb())); continue;
        case 0xC0: restore(row, low); continue;
        default: break;
      }
      if (!extended(op, in, row)) return false;
    }
    return !in.failed();
  }

  /// Keeps what the instructions of the common entry left: DW_CFA_restore goes back to it.
  void keep_initial(const frame_rules& row) noexcept { initial_ = row; }

 private:
  using kind = register_rule::kind;

  bool extended(unsigned op, byte_reader& in, frame_rules& row) noexcept {
    switch (op) {
      case 0x00: return true;                                           // nop
      case 0x01: return set_location(in);                               // set_loc
      case 0x02: location_ += in.byte() * code_align_; return true;     // advance_loc1
      case 0x03: location_ += in.number(2) * code_align_; return true;  // advance_loc2
      case 0x04: location_ += in.number(4) * code_align_; return true;  // advance_loc4
      case 0x05: {
        const auto r = reg(in);
        set_offset(row, r, scaled(in.unsigned_leb()));
        return true;
      }
      case 0x06: restore(row, reg(in)); return true;  // restore_extended
      case 0x07: set(row, reg(in), {kind::undefined, 0, {}}); return true;
      case 0x08: set(row, reg(in), {kind::same, 0, {}}); return true;
      case 0x09: {
        const auto r = reg(in);
        set(row, r, {kind::in_register, static_cast<std::int64_t>(in.unsigned_leb()), {}});
        return true;
      }
      case 0x0A: return remember(row);
      case 0x0B: return recall(row);
      case 0x0C:
        row.cfa_register = reg(in);
        row.cfa_offset = static_cast<std::int64_t>(in.unsigned_leb());
        row.cfa_expression = {};
        return true;
      case 0x0D: row.cfa_register = reg(in); return true;
      case 0x0E: row.cfa_offset = static_cast<std::int64_t>(in.unsigned_leb()); return true;
      case 0x0F: row.cfa_expression = block(in); return !row.cfa_expression.empty();
      case 0x10: {
        const auto r = reg(in);
        set(row, r, {kind::at_expression, 0, block(in)});
        return true;
      }
      case 0x11: {
        const auto r = reg(in);
        set_offset(row, r, scaled(static_cast<std::uint64_t>(in.signed_leb())));
        return true;
      }
      case 0x12:
        row.cfa_register = reg(in);
        row.cfa_offset = scaled(static_cast<std::uint64_t>(in.signed_leb()));
        row.cfa_expression = {};
        return true;
      case 0x13: row.cfa_offset = scaled(static_cast<std::uint64_t>(in.signed_leb())); return true;
      case 0x14: {
        const auto r = reg(in);
        set(row, r, {kind::is_cfa_offset, scaled(in.unsigned_leb()), {}});
        return true;
      }
      case 0x15: {
        const auto r = reg(in);
        set(row, r, {kind::is_cfa_offset, scaled(static_cast<std::uint64_t>(in.signed_leb())), {}});
        return true;
      }
      case 0x16: {
        const auto r = reg(in);
        set(row, r, {kind::is_expression, 0, block(in)});
        return true;
      }
#if defined(__aarch64__)
      case 0x2D: return true;  // AARCH64_negate_ra_state: without_signature() does with and without a signature
#endif
      case 0x2E: in.unsigned_leb(); return true;  // GNU_args_size
      default: return false;
    }
  }

  /// Returns the factor times the data alignment. A product that is too large for the type wraps around: what is read is not
  /// believed.
  std::int64_t scaled(std::uint64_t factor) const noexcept {
    return static_cast<std::int64_t>(factor * static_cast<std::uint64_t>(data_align_));
  }

  static unsigned reg(byte_reader& in) noexcept { return static_cast<unsigned>(in.unsigned_leb()); }

  static std::string_view block(byte_reader& in) noexcept { return in.take(in.unsigned_leb()); }

  static void set(frame_rules& row, unsigned r, register_rule rule) noexcept {
    if (r < dwarf_register::count) row.rules[r] = rule;  // the others, vector registers, are not followed
  }
  static void set_offset(frame_rules& row, unsigned r, std::int64_t offset) noexcept {
    set(row, r, {kind::at_cfa_offset, offset, {}});
  }
  void restore(frame_rules& row, unsigned r) noexcept {
    if (r < dwarf_register::count) row.rules[r] = initial_.rules[r];
  }
  bool set_location(byte_reader& in) noexcept {
    if (encoded_pointer_size(pointer_encoding_) != sizeof(std::uintptr_t)) return false;
    location_ = in.number(sizeof(std::uintptr_t));
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

/// Holds the two entries of .eh_frame that tell of one function, without the lengths in front of them: what it has in common with
/// others, and its own.
struct frame_entries {
  std::string_view common;
  std::string_view own;
};

/// Reads the row for a program counter out of the entries, as LSB core, "Common Information Entry Format" has them. Returns false
/// when it does not understand them; nothing outside of them is read.
inline bool read_frame_rules(const frame_entries& of, std::uintptr_t function, std::uintptr_t pc, frame_rules& row) noexcept {
  byte_reader common(of.common);
  common.number(4);  // what marks a common entry
  const unsigned version = common.byte();
  const std::string_view augmentation = common.text();
  if (augmentation.starts_with("eh")) return false;
  const std::uint64_t code_align = common.unsigned_leb();
  const std::int64_t data_align = common.signed_leb();
  const std::uint64_t return_register = version == 1 ? common.byte() : common.unsigned_leb();
  if (common.failed() || return_register != dwarf_register::return_column) return false;
  const bool has_data = augmentation.starts_with('z');
  unsigned pointer_encoding = 0;
  if (has_data) {
    byte_reader data(common.take(common.unsigned_leb()));
    for (const char kind : augmentation.substr(1)) {
      if (kind == 'R')
        pointer_encoding = data.byte();
      else if (kind == 'L')
        data.byte();
      else if (kind == 'P')
        data.take(encoded_pointer_size(data.byte()));
      else if (kind == 'S')
        row.signal_frame = true;
    }
  }

  byte_reader own(of.own);
  own.number(4);  // the way to the common entry
  const std::size_t pointer_size = encoded_pointer_size(pointer_encoding);
  if (pointer_size == 0) return false;
  own.take(2 * pointer_size);
  if (has_data) own.take(own.unsigned_leb());

  row.function = function;
  frame_program program(function, code_align, data_align, pointer_encoding);
  if (!program.run(common, UINTPTR_MAX, row)) return false;
  program.keep_initial(row);
  return program.run(own, pc, row);
}

/// Returns the entry that lies in mapped memory; empty when it is one of 64-bit DWARF, which no linker writes into .eh_frame.
inline std::string_view mapped_frame_entry(const unsigned char* at) noexcept {
  std::uint32_t length = 0;
  std::memcpy(&length, at, sizeof length);
  if (length == 0xFFFFFFFFu) return {};
  return {reinterpret_cast<const char*>(at) + sizeof length, length};
}

/// Finds the row for a program counter; false when there is none, or one this reader does not understand.
///
/// `pc` is the address itself for an innermost or interrupted frame, and one less for a return address.
inline bool find_frame_rules(std::uintptr_t pc, frame_rules& row) noexcept {
  taskleak_dwarf_eh_bases bases{};
  const auto* fde = pc ? static_cast<const unsigned char*>(_Unwind_Find_FDE(reinterpret_cast<const void*>(pc), &bases)) : nullptr;
  if (!fde) return false;
  frame_entries found;
  found.own = mapped_frame_entry(fde);
  std::int32_t to_common = 0;
  if (found.own.size() < sizeof to_common) return false;
  std::memcpy(&to_common, found.own.data(), sizeof to_common);
  found.common = mapped_frame_entry(fde + sizeof(std::uint32_t) - to_common);
  return read_frame_rules(found, reinterpret_cast<std::uintptr_t>(bases.function), pc, row);
}

}  // namespace taskleak::inline v0::detail

#endif
