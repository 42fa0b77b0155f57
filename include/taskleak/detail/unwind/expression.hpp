// SPDX-License-Identifier: MIT
/// \file Computes DWARF expressions, as far as call frame information uses them: procedure linkage tables and signal trampolines.
#ifndef TASKLEAK_DETAIL_UNWIND_EXPRESSION_HPP
#define TASKLEAK_DETAIL_UNWIND_EXPRESSION_HPP

#include <taskleak/detail/base/byte_reader.hpp>
#include <taskleak/detail/unwind/arch/arch.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace taskleak::inline v0::detail {

/// Evaluates a row of operations (DWARF 5, section 2.5); false on an unknown register, operation or address. `Memory` has
/// word(address, value), false where there is none.
template <class Memory>
class expression_machine {
 public:
  expression_machine(const registers& frame, Memory& stack) noexcept : frame_(frame), stack_(stack) {}

  bool evaluate(std::string_view operations, const std::uintptr_t* initial, std::uintptr_t& result) {
    byte_reader in(operations);
    depth_ = 0;
    if (initial) push(*initial);
    while (!in.at_end())
      if (!step(in)) return false;
    if (in.failed() || depth_ == 0) return false;
    result = values_[depth_ - 1];
    return true;
  }

 private:
  bool step(byte_reader& in) {
    const unsigned op = in.byte();
    if (op >= 0x30 && op <= 0x4F) return push(op - 0x30);                            // lit0..31
    if (op >= 0x70 && op <= 0x8F) return push_register(op - 0x70, in.signed_leb());  // breg0..31
    switch (op) {
      case 0x06: return dereference();
      case 0x08: return push(in.byte());
      case 0x09: return push_signed<std::int8_t>(in);
      case 0x0A: return push(in.number(2));
      case 0x0B: return push_signed<std::int16_t>(in);
      case 0x0C: return push(in.number(4));
      case 0x0D: return push_signed<std::int32_t>(in);
      case 0x10: return push(in.unsigned_leb());
      case 0x11: return push(static_cast<std::uintptr_t>(in.signed_leb()));
      case 0x12: return depth_ > 0 && push(values_[depth_ - 1]);            // dup
      case 0x13: return depth_ > 0 && (static_cast<void>(--depth_), true);  // drop
      case 0x1A: return binary([](std::uintptr_t a, std::uintptr_t b) { return a & b; });
      case 0x1C: return binary([](std::uintptr_t a, std::uintptr_t b) { return a - b; });
      case 0x1E: return binary([](std::uintptr_t a, std::uintptr_t b) { return a * b; });
      case 0x21: return binary([](std::uintptr_t a, std::uintptr_t b) { return a | b; });
      case 0x22: return binary([](std::uintptr_t a, std::uintptr_t b) { return a + b; });
      case 0x23: return depth_ > 0 && (static_cast<void>(values_[depth_ - 1] += in.unsigned_leb()), true);  // plus_uconst
      case 0x24: return binary([](std::uintptr_t a, std::uintptr_t b) { return b < 64 ? a << b : 0; });
      case 0x25: return binary([](std::uintptr_t a, std::uintptr_t b) { return b < 64 ? a >> b : 0; });
      case 0x2A: return compare([](std::intptr_t a, std::intptr_t b) { return a >= b; });
      case 0x2B: return compare([](std::intptr_t a, std::intptr_t b) { return a > b; });
      case 0x2C: return compare([](std::intptr_t a, std::intptr_t b) { return a <= b; });
      case 0x2D: return compare([](std::intptr_t a, std::intptr_t b) { return a < b; });
      case 0x96: return true;  // nop
      default: return false;
    }
  }

  bool push(std::uintptr_t value) noexcept {
    if (depth_ == capacity) return false;
    values_[depth_++] = value;
    return true;
  }
  template <class T>
  bool push_signed(byte_reader& in) noexcept {
    return push(static_cast<std::uintptr_t>(std::intptr_t{static_cast<T>(in.number(sizeof(T)))}));
  }
  bool push_register(unsigned r, std::int64_t offset) noexcept {
    return frame_.knows(r) && push(frame_[r] + static_cast<std::uintptr_t>(offset));
  }
  bool dereference() {
    if (depth_ == 0) return false;
    std::uintptr_t value = 0;
    if (!stack_.word(values_[depth_ - 1], value)) return false;
    values_[depth_ - 1] = value;
    return true;
  }
  template <class F>
  bool binary(F f) noexcept {
    if (depth_ < 2) return false;
    --depth_;
    values_[depth_ - 1] = f(values_[depth_ - 1], values_[depth_]);
    return true;
  }
  template <class F>
  bool compare(F f) noexcept {
    return binary([f](std::uintptr_t a, std::uintptr_t b) {
      return static_cast<std::uintptr_t>(f(static_cast<std::intptr_t>(a), static_cast<std::intptr_t>(b)));
    });
  }

  static constexpr std::size_t capacity = 16;
  const registers& frame_;
  Memory& stack_;
  std::uintptr_t values_[capacity];
  std::size_t depth_ = 0;
};

}  // namespace taskleak::inline v0::detail

#endif
