// SPDX-License-Identifier: MIT
/// \file Opens the one way to the stack of a parked thread, of which only the stack pointer and the program counter are known.
#ifndef TASKLEAK_DETAIL_UNWIND_STACK_WALKER_HPP
#define TASKLEAK_DETAIL_UNWIND_STACK_WALKER_HPP

#include <taskleak/detail/unwind/arch/arch.hpp>
#include <taskleak/detail/unwind/raw_stack.hpp>

#if defined(TASKLEAK_HAS_OWN_WALKER)
#include <taskleak/detail/unwind/unwinder.hpp>
#endif
#if defined(TASKLEAK_USE_LIBDW)
#include <taskleak/detail/unwind/libdw_walker.hpp>
#endif

#include <cstdint>

namespace taskleak::inline v0::detail {

#if defined(TASKLEAK_HAS_OWN_WALKER)

/// Walks a stack of which more registers are known, those of a thread that is held or has been interrupted.
inline raw_stack walk_from_registers(stack_copy& stack, const registers& frame) { return unwinder(stack).unwind(frame); }

/// Walks the calling thread's stack, with frames of taskleak's on top.
inline raw_stack walk_own_stack() {
  const registers here = kept_registers_here();
  stack_copy stack(here[dwarf_register::stack_pointer]);
  return walk_from_registers(stack, here);
}

inline raw_stack walk_by_own(std::uintptr_t sp, std::uintptr_t pc) {
  stack_copy stack(sp);
  registers frame;
  frame.set(dwarf_register::stack_pointer, sp);
  frame.set(dwarf_register::return_address, pc);
  return walk_from_registers(stack, frame);
}

#endif

/// Walks the stack of a parked thread. Our own walker comes first, where this CPU has one; libdw, where the program is built with
/// it, walks what is left. Without either, a stack is its program counter alone, and not complete.
inline raw_stack walk_parked_stack(std::uintptr_t sp, std::uintptr_t pc) {
  raw_stack found;
#if defined(TASKLEAK_HAS_OWN_WALKER)
  found = walk_by_own(sp, pc);
  if (found.complete) return found;
#else
  found.add(pc, true);
#endif
#if defined(TASKLEAK_USE_LIBDW)
  raw_stack other = walk_by_libdw(sp, pc);
  if (other.complete || other.addresses.size() > found.addresses.size()) return other;
#endif
  return found;
}

}  // namespace taskleak::inline v0::detail

#endif
