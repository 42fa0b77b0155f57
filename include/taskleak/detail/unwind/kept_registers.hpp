// SPDX-License-Identifier: MIT
/// \file Tells whether all that a parked thread's functions keep in registers can be found in memory as well.
///
/// Of a thread in a system call the kernel tells where its stack is, not its registers. By the calling convention a function that
/// uses one of the registers which outlive calls has saved what its caller had there. So what such a register holds belongs to
/// the innermost function that has saved the register.
#ifndef TASKLEAK_DETAIL_UNWIND_KEPT_REGISTERS_HPP
#define TASKLEAK_DETAIL_UNWIND_KEPT_REGISTERS_HPP

#include <taskleak/detail/platform/modules.hpp>
#include <taskleak/detail/unwind/arch/arch.hpp>
#include <taskleak/detail/unwind/raw_stack.hpp>

#if defined(TASKLEAK_HAS_OWN_WALKER)
#include <taskleak/detail/unwind/frame_rules.hpp>
#endif

#include <cstddef>
#include <cstdint>
#include <string_view>

#if defined(TASKLEAK_HAS_OWN_WALKER)
// The linker's bounds of the section of wait_hooks.hpp; null where there is none.
extern "C" {
[[gnu::weak, gnu::visibility("hidden")]] extern const char __start_taskleak_waits[];
[[gnu::weak, gnu::visibility("hidden")]] extern const char __stop_taskleak_waits[];
}
#endif

namespace taskleak::inline v0::detail {

#if defined(TASKLEAK_HAS_OWN_WALKER)

/// Whether the code is of a function that saves all registers for its caller, and calls libc.
inline bool is_of_wait_hook(std::uintptr_t code) noexcept {
  return code >= reinterpret_cast<std::uintptr_t>(&__start_taskleak_waits) &&
         code < reinterpret_cast<std::uintptr_t>(&__stop_taskleak_waits);
}

/// Whether functions of this module, where they are called last, keep no pointer of the program's in a register only: they have
/// it from a caller.
inline bool is_of_system_library(std::uintptr_t code) {
  const std::string path = find_module(code).path;
  const std::string_view name = std::string_view(path).substr(path.rfind('/') + 1);
  for (const std::string_view library :
       {"libc.so.", "libc-2.", "libpthread", "libstdc++.so.", "libc++.so.", "libtsan.so.", "libasan.so.", "ld-linux"})
    if (name.starts_with(library)) return true;
  return false;
}

/// Whether a function on the stack may have a pointer in a register alone. `stack` is a walk over all of it.
inline bool may_hold_more_in_registers(const raw_stack& stack) {
  if (!stack.complete) return true;
  unsigned unsaved = 0;
  for (const unsigned r : registers_that_outlive_calls) unsaved |= 1u << r;
  bool is_in_library = true;
  for (std::size_t i = 0; i < stack.addresses.size() && unsaved != 0; ++i) {
    const std::uintptr_t pc = stack.interrupted[i] ? stack.addresses[i] : stack.addresses[i] - 1;
    frame_rules rules;
    if (!find_frame_rules(pc, rules)) return true;
    is_in_library = is_in_library && (is_of_wait_hook(pc) || is_of_system_library(pc));
    for (const unsigned r : registers_that_outlive_calls) {
      const register_rule::kind how = rules.rules[r].how;
      if (!(unsaved >> r & 1u) || how == register_rule::kind::same || how == register_rule::kind::undefined) continue;
      unsaved &= ~(1u << r);
      // a function that finds its frame from the frame pointer has its own frame in it
      const bool is_frame = r == dwarf_register::frame_pointer && rules.cfa_expression.empty() && rules.cfa_register == r;
      if (!is_in_library && !is_frame) return true;
    }
  }
  return false;
}

#else

inline bool is_of_wait_hook(std::uintptr_t) noexcept { return false; }

inline bool may_hold_more_in_registers(const raw_stack&) { return true; }

#endif

}  // namespace taskleak::inline v0::detail

#endif
