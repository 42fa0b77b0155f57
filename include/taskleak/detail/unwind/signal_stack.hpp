// SPDX-License-Identifier: MIT
/// \file Walks the stack that a signal has interrupted, inside the signal handler: no allocation, no lock, no plain read of
/// memory that may not be there.
#ifndef TASKLEAK_DETAIL_UNWIND_SIGNAL_STACK_HPP
#define TASKLEAK_DETAIL_UNWIND_SIGNAL_STACK_HPP

#include <taskleak/detail/platform/foreign_memory.hpp>
#include <taskleak/detail/unwind/arch/arch.hpp>
#include <taskleak/detail/unwind/step_cache.hpp>

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// Holds the functions on the stack, innermost first, as far as they find their frames from the stack pointer or the frame
/// pointer, as nearly all do.
class signal_safe_stack {
 public:
  static constexpr std::size_t most = 48;

  constexpr signal_safe_stack() noexcept = default;

  [[gnu::noinline]] explicit signal_safe_stack(const registers& from) noexcept {
    std::uintptr_t pc = from[dwarf_register::return_address];
    std::uintptr_t sp = from[dwarf_register::stack_pointer];
    std::uintptr_t bp = from[dwarf_register::frame_pointer];
    while (size_ < most) {
      frame_rules row;
      const bool known = find_frame_rules(size_ == 0 ? pc : pc - 1, row);
      addresses_[size_] = pc;
      functions_[size_++] = row.function;
      if (!known) in_signal_handler_ = is_return_from_signal(pc);
      if (!known) return;
      in_signal_handler_ = row.signal_frame;
      const frame_step step = frame_step::of(row);
      complete_ = step.is_bottom();
      if (step.is_unknown() || step.is_bottom()) return;
      const std::uintptr_t cfa = (step.cfa_is_from_frame_pointer() ? bp : sp) + step.cfa_offset();
      if (step.is_by_register() ? size_ > 1 || cfa < sp : cfa <= sp) return;
      if (step.saves_frame_pointer() && !copy_value(cfa + static_cast<std::uintptr_t>(step.frame_pointer_slot() * 8), bp)) return;
      if (step.is_by_register())
        pc = from[dwarf_register::return_column];
      else if (!copy_value(cfa + static_cast<std::uintptr_t>(step.return_slot() * 8), pc))
        return;
      pc = without_signature(pc);
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
