// SPDX-License-Identifier: MIT
/// \file Asks the dynamic loader for the executable and the libraries that are loaded, and for the module of an address.
///
/// dl_iterate_phdr() answers where dladdr() does not: in a static program, and while dlopen() holds its lock, in which a
/// library's constructor may be parked for ever. It has a lock of its own: nothing may be allocated in a look.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_LOADED_MODULES_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_LOADED_MODULES_HPP

#include <taskleak/detail/platform/module_place.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <link.h>

namespace taskleak::inline v0::detail {

/// Calls `look(module)` for each module, the executable first, until a call returns true; returns whether one did.
template <class Look>
bool any_module(Look&& look) noexcept {
  return ::dl_iterate_phdr(
             [](dl_phdr_info* module, std::size_t, void* data) -> int {
               return (*static_cast<std::remove_reference_t<Look>*>(data))(*module) ? 1 : 0;
             },
             &look) != 0;
}

/// Holds one piece of a module that is loaded.
struct loaded_piece {
  const char* name = nullptr;  ///< of the module; empty for the executable
  std::uintptr_t bias = 0;     ///< added to the addresses in the module's file
  std::uintptr_t begin = 0;
  std::uintptr_t size = 0;
  bool is_code = false;

  bool contains(std::uintptr_t address) const noexcept { return address - begin < size; }
};

/// Calls `look(piece)` for each loaded piece until a call returns true; returns whether one did.
template <class Look>
bool any_loaded_piece(Look&& look) noexcept {
  return any_module([&](const dl_phdr_info& module) {
    for (unsigned i = 0; i < module.dlpi_phnum; ++i) {
      const auto& part = module.dlpi_phdr[i];
      if (part.p_type != PT_LOAD) continue;
      const char* const name = module.dlpi_name ? module.dlpi_name : "";
      if (look(loaded_piece{name, module.dlpi_addr, module.dlpi_addr + part.p_vaddr, part.p_memsz, (part.p_flags & PF_X) != 0}))
        return true;
    }
    return false;
  });
}

/// Returns the loaded piece that the address lies in; an empty one when it lies in none.
inline loaded_piece piece_at(std::uintptr_t address) noexcept {
  loaded_piece found;
  any_loaded_piece([&](const loaded_piece& piece) {
    if (!piece.contains(address)) return false;
    found = piece;
    return true;
  });
  return found;
}

inline loader_counts count_loads() noexcept {
  loader_counts counts;
  any_module([&](const dl_phdr_info& module) {
    counts = {module.dlpi_adds, module.dlpi_subs};
    return true;
  });
  return counts;
}

}  // namespace taskleak::inline v0::detail

#endif
