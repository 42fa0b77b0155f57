// SPDX-License-Identifier: MIT
/// \file Makes one step of a walk over a stack, by call frame information.
#ifndef TASKLEAK_DETAIL_UNWIND_STEP_TO_CALLER_HPP
#define TASKLEAK_DETAIL_UNWIND_STEP_TO_CALLER_HPP

#include <taskleak/detail/unwind/arch/arch.hpp>
#include <taskleak/detail/unwind/expression.hpp>
#include <taskleak/detail/unwind/frame_rules.hpp>

#include <cstdint>

namespace taskleak::inline v0::detail {

enum class step_outcome : unsigned char {
  stepped,
  bottom,
  lost,
  needs_frame_pointer,
  needs_return_address,  ///< it is in a register alone, which is not known
};

template <class Memory>
void restore_register(unsigned r, Memory& stack, const registers& frame, const register_rule& rule, std::uintptr_t cfa,
                      registers& caller) {
  using kind = register_rule::kind;
  std::uintptr_t address = 0, value = 0;
  switch (rule.how) {
    case kind::same:
      if (frame.knows(r) && r != dwarf_register::return_address) caller.set(r, frame[r]);
      return;
    case kind::undefined: return;
    case kind::at_cfa_offset:
      if (stack.word(cfa + static_cast<std::uintptr_t>(rule.operand), value)) caller.set(r, value);
      return;
    case kind::is_cfa_offset: caller.set(r, cfa + static_cast<std::uintptr_t>(rule.operand)); return;
    case kind::in_register:
      if (const auto from = static_cast<unsigned>(rule.operand); frame.knows(from)) caller.set(r, frame[from]);
      return;
    case kind::at_expression:
      if (expression_machine(frame, stack).evaluate(rule.expression, &cfa, address) && stack.word(address, value))
        caller.set(r, value);
      return;
    case kind::is_expression:
      if (expression_machine(frame, stack).evaluate(rule.expression, &cfa, value)) caller.set(r, value);
      return;
  }
}

/// Goes from a frame to its caller by a row of call frame information: `frame` and `interrupted` become the caller's. `Memory` is
/// where saved registers are read, see expression_machine.
template <class Memory>
step_outcome step_by_rules(Memory& stack, registers& frame, bool& interrupted, const frame_rules& rules) {
  std::uintptr_t cfa = 0;
  if (!rules.cfa_expression.empty()) {
    if (!expression_machine(frame, stack).evaluate(rules.cfa_expression, nullptr, cfa)) return step_outcome::lost;
  } else {
    if (!frame.knows(rules.cfa_register))
      return rules.cfa_register == dwarf_register::frame_pointer ? step_outcome::needs_frame_pointer : step_outcome::lost;
    cfa = frame[rules.cfa_register] + static_cast<std::uintptr_t>(rules.cfa_offset);
  }
  if (rules.rules[dwarf_register::return_column].how == register_rule::kind::undefined) return step_outcome::bottom;
  const bool by_register = returns_by_register(rules);
  if (by_register && !interrupted) return step_outcome::lost;  // it has made a call, which has changed the register
  if (by_register && !frame.knows(dwarf_register::return_column)) return step_outcome::needs_return_address;
  registers caller;
  for (unsigned r = 0; r < dwarf_register::count; ++r) restore_register(r, stack, frame, rules.rules[r], cfa, caller);
  if (rules.rules[dwarf_register::stack_pointer].how == register_rule::kind::same) caller.set(dwarf_register::stack_pointer, cfa);
  if (!caller.knows(dwarf_register::return_column)) return step_outcome::lost;
  caller.set(dwarf_register::return_address, without_signature(caller[dwarf_register::return_column]));
  if (caller[dwarf_register::return_address] == 0) return step_outcome::bottom;
  const std::uintptr_t lowest = frame[dwarf_register::stack_pointer] + (by_register ? 0 : 1);
  if (!rules.signal_frame && caller[dwarf_register::stack_pointer] < lowest) return step_outcome::lost;
  interrupted = rules.signal_frame;
  frame = caller;
  return step_outcome::stepped;
}

/// Goes to the caller as above, by the row for the frame's program counter, which `rules` becomes.
template <class Memory>
step_outcome step_to_caller(Memory& stack, registers& frame, bool& interrupted, frame_rules& rules) {
  const std::uintptr_t pc = frame[dwarf_register::return_address];
  if (!find_frame_rules(interrupted ? pc : pc - 1, rules)) {
    if (!is_return_from_signal(pc) || !step_to_interrupted(stack, frame)) return step_outcome::lost;
    interrupted = true;
    return step_outcome::stepped;
  }
  return step_by_rules(stack, frame, interrupted, rules);
}

}  // namespace taskleak::inline v0::detail

#endif
