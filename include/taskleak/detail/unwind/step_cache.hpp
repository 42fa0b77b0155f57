// SPDX-License-Identifier: MIT
/// \file Remembers for each program counter, in one word, how to get from a frame of the usual kind to its caller.
#ifndef TASKLEAK_DETAIL_UNWIND_STEP_CACHE_HPP
#define TASKLEAK_DETAIL_UNWIND_STEP_CACHE_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/hash_mix.hpp>
#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/platform/loaded_modules.hpp>
#include <taskleak/detail/unwind/frame_rules.hpp>

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// Packs a row of call frame information that finds the frame from the stack pointer or the frame pointer, and has the return
/// address near the frame's end or, on a CPU that has one, in the link register.
class frame_step {
 public:
  /// Makes a step of which nothing is known, or whose row is of another kind.
  constexpr frame_step() noexcept = default;

  static constexpr frame_step of_word(std::uint64_t word) noexcept {
    frame_step s;
    s.word_ = word;
    return s;
  }

  /// Returns the packed form of a row, unknown when the row does not fit.
  static frame_step of(const frame_rules& row) noexcept {
    using kind = register_rule::kind;
    const register_rule& back = row.rules[dwarf_register::return_column];
    const register_rule& bp = row.rules[dwarf_register::frame_pointer];
    if (row.signal_frame || !row.cfa_expression.empty()) return {};
    if (back.how == kind::undefined) return of_word(bottom);
    if (row.cfa_register != dwarf_register::stack_pointer && row.cfa_register != dwarf_register::frame_pointer) return {};
    const bool by_register = returns_by_register(row);
    if (row.cfa_offset < (by_register ? 0 : 1) || row.cfa_offset > INT32_MAX) return {};
    if (!by_register &&
        (back.how != kind::at_cfa_offset || back.operand % 8 != 0 || back.operand >= 0 || back.operand / 8 < -farthest))
      return {};
    if (row.rules[dwarf_register::stack_pointer].how != kind::same) return {};
    std::uint64_t word = known | static_cast<std::uint64_t>(row.cfa_offset) << 32;
    if (!by_register) word |= static_cast<std::uint64_t>(back.operand / -8) << 4;
    if (row.cfa_register == dwarf_register::frame_pointer) word |= from_frame_pointer;
    if (bp.how == kind::at_cfa_offset) {
      if (bp.operand >= 0 || bp.operand % 8 != 0 || bp.operand / 8 < INT16_MIN) return {};
      word |= with_frame_pointer | static_cast<std::uint64_t>(static_cast<std::uint16_t>(bp.operand / 8)) << 16;
    } else if (bp.how != kind::same) {
      return {};
    }
    return of_word(word);
  }

  std::uint64_t word() const noexcept { return word_; }
  bool is_unknown() const noexcept { return word_ == 0; }
  bool is_bottom() const noexcept { return (word_ & bottom) != 0; }
  bool cfa_is_from_frame_pointer() const noexcept { return (word_ & from_frame_pointer) != 0; }
  std::uintptr_t cfa_offset() const noexcept { return word_ >> 32; }
  bool is_by_register() const noexcept { return (word_ >> 4 & farthest) == 0; }
  /// Returns where the return address is saved, in words from the frame's end; negative.
  std::ptrdiff_t return_slot() const noexcept { return -static_cast<std::ptrdiff_t>(word_ >> 4 & farthest); }
  bool saves_frame_pointer() const noexcept { return (word_ & with_frame_pointer) != 0; }
  /// Returns where the frame pointer is saved, in words from the frame's end; negative.
  std::ptrdiff_t frame_pointer_slot() const noexcept { return static_cast<std::int16_t>(word_ >> 16 & 0xFFFF); }

 private:
  static constexpr std::uint64_t known = 1, bottom = 2, from_frame_pointer = 4, with_frame_pointer = 8;
  static constexpr std::int64_t farthest = 0xFFF;  // words; the bits from 4 on
  std::uint64_t word_ = 0;
};

/// Returns how many modules have been unloaded so far: after dlclose() another function may lie at an address seen before.
inline std::uintptr_t unloaded_modules() noexcept { return static_cast<std::uintptr_t>(count_loads().unloads); }

/// Whether the address lies in a loaded module.
inline bool is_in_module(std::uintptr_t address) noexcept { return piece_at(address).name != nullptr; }

/// Remembers the steps of some thousand program counters. No locks: an entry is two words, of which the first is the key combined
/// with the second, so that halves of two writers do not match any key.
class step_cache {
 public:
  constexpr step_cache() noexcept = default;

  /// Returns the step of a program counter. `generation` is unloaded_modules(). Steps of code outside of modules, which may go
  /// unnoticed, are not remembered but unknown.
  frame_step find(std::uintptr_t pc, std::uintptr_t generation) noexcept {
    const std::uint64_t key = pc ^ generation << 48;
    entry(&set)[2] = sets_[spread(pc, bits)];
    for (const entry& e : set) {
      const std::uint64_t word = e.word.load_relaxed();
      if ((e.key_and_word.load_relaxed() ^ word) == key && word != 0) return frame_step::of_word(word);
    }
    return look_up(pc, key, set);
  }

 private:
  struct entry {
    light_atomic<std::uint64_t> key_and_word{0};
    light_atomic<std::uint64_t> word{0};
  };

  [[gnu::noinline, gnu::cold]] static frame_step look_up(std::uintptr_t pc, std::uint64_t key, entry (&set)[2]) noexcept {
    frame_rules row;
    if (!is_in_module(pc) || !find_frame_rules(pc, row)) return {};
    const frame_step step = frame_step::of(row);
    if (step.is_unknown()) return {};
    // two for each place: among the forty addresses of a stack, two often meet, and three hardly ever
    entry& e = set[set[0].word.load_relaxed() == 0 ? 0 : 1];
    e.word.store_relaxed(step.word());
    e.key_and_word.store_relaxed(key ^ step.word());
    return step;
  }

  static constexpr unsigned bits = 10;
  entry sets_[std::size_t{1} << bits][2];
};

TASKLEAK_SHARED inline constinit step_cache the_steps;

}  // namespace taskleak::inline v0::detail

#endif
