// SPDX-License-Identifier: MIT
/// \file Names of exported functions, by the dynamic loader: for a module whose file is gone or hidden from us.
#ifndef TASKLEAK_DETAIL_SYMBOLS_LAYER_DLADDR_HPP
#define TASKLEAK_DETAIL_SYMBOLS_LAYER_DLADDR_HPP

#include <taskleak/detail/symbols/demangle.hpp>
#include <taskleak/report.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <link.h>

namespace taskleak::inline v0::detail {

/// Returns the exported symbol that covers the address, or null. The loader itself answers with the nearest symbol below, which
/// is a wrong name for every function that is not exported.
inline const char* covering_symbol(std::uintptr_t pc) noexcept {
  Dl_info info{};
  const ElfW(Sym)* symbol = nullptr;
  if (!::dladdr1(reinterpret_cast<const void*>(pc), &info, reinterpret_cast<void**>(const_cast<ElfW(Sym)**>(&symbol)),
                 RTLD_DL_SYMENT))
    return nullptr;
  if (!info.dli_sname || !symbol) return nullptr;
  return pc - reinterpret_cast<std::uintptr_t>(info.dli_saddr) < symbol->st_size ? info.dli_sname : nullptr;
}

class layer_dladdr {
 public:
  static constexpr bool knows_inlined_functions = false;

  bool look_up(std::uintptr_t pc, std::vector<frame>& found) {
    const char* const symbol = covering_symbol(pc);
    if (!symbol) return false;
    found.emplace_back().function = demangle(symbol);
    return true;
  }

  std::string note() const {
    return "no source lines: compile with -g to see them, and link libbacktrace for inlined functions (taskleak's CMake targets "
           "do so where it is found; otherwise compile the test main with -DTASKLEAK_USE_LIBBACKTRACE and link -lbacktrace)";
  }
};

}  // namespace taskleak::inline v0::detail

#endif
