// SPDX-License-Identifier: MIT
/// \file Finds where a function's code begins, and where its call frame information lies.
#ifndef TASKLEAK_DETAIL_UNWIND_FUNCTION_START_HPP
#define TASKLEAK_DETAIL_UNWIND_FUNCTION_START_HPP

#include <cstdint>

#if !defined(__SEH__) && !defined(__ARM_EABI_UNWINDER__)  // Windows and 32-bit ARM unwind by tables of their own
#define TASKLEAK_UNWINDS_BY_DWARF 1
#endif

#if defined(TASKLEAK_UNWINDS_BY_DWARF)
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
#endif

namespace taskleak::inline v0::detail {

/// Returns the start of the code of the function at this address; 0 when no module has unwind information for it.
inline std::uintptr_t function_start([[maybe_unused]] std::uintptr_t pc) noexcept {
#if defined(TASKLEAK_UNWINDS_BY_DWARF)
  taskleak_dwarf_eh_bases bases{};
  if (pc == 0 || !_Unwind_Find_FDE(reinterpret_cast<const void*>(pc), &bases)) return 0;
  return reinterpret_cast<std::uintptr_t>(bases.function);
#else
  return 0;
#endif
}

}  // namespace taskleak::inline v0::detail

#endif
